"use strict";
// permessage-deflate with Debian's ws, alone and under the official client.

const assert = require("node:assert/strict");
const { on } = require("node:events");
const { inEachMode, withServer } = require("./support/bench.js");
const { patiently } = require("./support/patience.js");
const { NodeWebSocket } = require("./support/websocket.js");

const TEXTS = ["x", "again and ".repeat(500), "é漢字".repeat(3000)];

const OFFERS = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 12, serverNoContextTakeover: true, threshold: 0 },
];
const WISHES = [[], ["--server-no-takeover", "--client-no-takeover"], ["--server-window", 10]];

for (const wishes of WISHES) {
  const name = `ws and a server with ${wishes.join(" ") || "the defaults"}`;
  withServer(name, ["--deflate", ...wishes], async ({ server }) => {
    for (const offer of OFFERS) {
      const url = `ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`;
      const socket = new NodeWebSocket(url, { perMessageDeflate: { threshold: 100, ...offer } });
      const messages = on(socket, "message"); // keeps what comes while nobody waits
      const next = async () => {
        const { value } = await patiently("message", (resolve, reject) => messages.next().then(resolve, reject));
        return String(value[0]);
      };
      assert.match(await next(), /^0/);
      assert.match(socket.extensions, /^permessage-deflate/);
      socket.send("40");
      assert.match(await next(), /^40/);
      assert.match(await next(), /^42\["welcome"/);
      for (const text of [...TEXTS, ...TEXTS]) {
        socket.send("42" + JSON.stringify(["echo", text]));
        assert.deepEqual(JSON.parse((await next()).slice(2)), ["echo", text]);
      }
      socket.terminate();
    }
  });
}

inEachMode("the official client", ["--deflate"], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const { ws } = socket.io.engine.transport;
  if (mode !== "polling") assert.match(ws.extensions, /^permessage-deflate/);
  for (const text of [...TEXTS, ...TEXTS]) {
    assert.equal(await socket.emitWithAck("echo", text), text);
    const bytes = await socket.emitWithAck("echo", Buffer.from(text));
    assert.deepEqual(Buffer.from(bytes), Buffer.from(text));
  }
});
