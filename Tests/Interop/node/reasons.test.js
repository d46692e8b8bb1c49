"use strict";
// Every reason for which a client may have left, as the server is told, and the client's own.
const assert = require("node:assert/strict");
const { scripted, withServers } = require("./support/bench.js");
const { next } = require("./support/client.js");

const SOURCE = `io.on("disconnect", lambda sid, reason: hear(sid, reason))`;
const QUICK = { ping_interval: 1, ping_timeout: 2 }; // the client gives up an interval later

// `act` ends a client; `reasons` are what the two sides are told.
function ends(name, reasons, act, options = {}) {
  scripted(name, SOURCE, options, async ({ server, clients, mode }) => {
    const socket = await clients.connect(server, mode);
    const { id } = socket;
    const seen = next(socket, "disconnect");
    await act({ socket, server, id, mode });
    assert.deepEqual(await server.heard(), [id, reasons.server]);
    if (reasons.client) assert.match((await seen)[0], reasons.client);
  });
}

ends(
  "the client disconnects",
  { server: "client namespace disconnect", client: /^io client disconnect$/ },
  ({ socket }) => socket.disconnect(),
);

ends(
  "the server disconnects",
  { server: "server namespace disconnect", client: /^io server disconnect$/ },
  ({ server, id }) => server.run(`io.disconnect("${id}")`),
);

ends(
  "the server ends the connection",
  { server: "server namespace disconnect", client: /^(io server disconnect|transport close)$/ },
  ({ server, id }) => server.run(`io.disconnect("${id}", close=True)`),
);

ends(
  "the server shuts down",
  { server: "server shutting down", client: /^transport (close|error)$/ },
  ({ server }) => server.run("later(io.shutdown)"),
);

ends(
  "the client is silent",
  { server: "ping timeout" },
  ({ socket }) => (socket.io.engine.transport.send = () => {}),
  QUICK,
);

ends(
  "the client closes its transport",
  { server: "transport close", client: /^forced close$/ },
  ({ socket }) => socket.io.engine.close(),
);

ends("a packet of no type", { server: "forced close", client: /^transport close$/ }, ({ socket }) =>
  socket.io.engine.send("9 is no type"),
);

ends(
  "an Engine.IO packet of no type",
  { server: "parse error", client: /^transport close$/ },
  async ({ socket, server, mode }) => {
    if (mode === "polling") {
      const { id } = socket.io.engine;
      const url = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${id}`;
      await fetch(url, { method: "POST", body: "abc" });
    } else {
      socket.io.engine.transport.ws.send("abc");
    }
  },
);

ends(
  "a ping of the wrong side",
  { server: "transport error", client: /^transport (close|error)$/ },
  ({ socket }) => socket.io.engine.transport.send([{ type: "ping" }]),
);

withServers("a packet for a namespace that it is not in, without a poll", async ({ script }) => {
  const server = await script(SOURCE);
  const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1));
  const post = (body) => fetch(`${url}&sid=${sid}`, { method: "POST", body });
  await post("40");
  const { sid: id } = JSON.parse((await (await fetch(`${url}&sid=${sid}`)).text()).slice(2));
  await post('42/nowhere,["x"]');
  assert.deepEqual(await server.heard(), [id, "forced server close"]);
});
