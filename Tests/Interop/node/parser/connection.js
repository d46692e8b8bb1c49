"use strict";
// What our server makes of a case, over a WebSocket of its own.

const { once } = require("node:events");
const { NodeWebSocket } = require("../support/websocket.js");
const { patiently } = require("../support/patience.js");

const PROBE = "0/probe,";
const ALIVE = '44/probe,{"message":"Invalid namespace"}';

// The same {open, seen} as of the reference; `Decoder` reads what comes back.
async function judge(server, Decoder, frames) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new NodeWebSocket(url, { perMessageDeflate: false });
  const decoder = new Decoder();
  const seen = [];
  let connected;
  const joined = new Promise((resolve) => (connected = resolve));
  const ended = patiently(`end of ${JSON.stringify(frames)}`, (resolve) => {
    decoder.on("decoded", ({ type, nsp, data }) => {
      if ((type === 2 || type === 5) && nsp === "/mirror" && data[0] === "seen") seen.push(data.slice(1));
      if (type === 0 && nsp === "/mirror") connected();
    });
    socket.on("message", (data, isBinary) => {
      if (isBinary) return decoder.add(data);
      const text = data.toString();
      if (text === ALIVE) resolve(true);
      else if (text[0] === "4") decoder.add(text.slice(1));
    });
    socket.on("close", () => resolve(false));
    socket.on("error", () => resolve(false));
  });
  await once(socket, "open");
  socket.send("40");
  socket.send("40/mirror,");
  await Promise.race([joined, ended]);
  for (const frame of [...frames, PROBE]) {
    if (socket.readyState !== NodeWebSocket.OPEN) break;
    socket.send(typeof frame === "string" ? `4${frame}` : frame);
  }
  const open = await ended;
  socket.terminate();
  return { open, seen };
}

module.exports = { judge };
