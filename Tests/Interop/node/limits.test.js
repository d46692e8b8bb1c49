"use strict";
// Limits, as the official client meets them.
const assert = require("node:assert/strict");
const { scripted, withServers } = require("./support/bench.js");
const { next } = require("./support/client.js");

const SOURCE = `
  for n in ("/", "/1", "/2", "/3"):
      io.on("echo", lambda sid, *args: args, namespace=n)
  io.on("disconnect", lambda sid, reason: hear(reason))
`;

scripted("namespaces", SOURCE, { max_namespaces_per_connection: 2 }, async (bench) => {
  const { server, clients, mode } = bench;
  const socket = await clients.connect(server, mode);
  await next(socket.io.socket("/1"), "connect");
  const [error] = await next(socket.io.socket("/2"), "connect_error");
  assert.equal(error.message, "Too many namespaces");
  assert.equal(await socket.emitWithAck("echo", 1), 1);
});

withServers("connections", async ({ script, clients }) => {
  const server = await script(SOURCE, { max_connections: 2 });
  const first = await clients.connect(server, "websocket");
  await clients.connect(server, "websocket");
  const [error] = await next(clients.start(server, "websocket"), "connect_error");
  assert.equal(error.message, "websocket error");
  assert.equal(await first.emitWithAck("echo", 1), 1);
});

withServers("handshakes a second, and the client tries again", async ({ script, clients }) => {
  const server = await script(SOURCE, { max_handshakes_per_second: 1 });
  const refused = [];
  const connected = [];
  const options = {
    reconnection: true,
    reconnectionDelay: 300,
    reconnectionDelayMax: 300,
    randomizationFactor: 0,
  };
  for (let i = 0; i < 3; i++) {
    const socket = clients.start(server, "polling", options);
    socket.on("connect_error", (error) => refused.push(error));
    connected.push(next(socket, "connect"));
  }
  await Promise.all(connected);
  assert.ok(refused.length > 0);
  assert.ok(refused.every(({ message, description }) => message && description === 503));
});

scripted("attachments", SOURCE, { max_attachments: 2 }, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const one = new Uint8Array([1]);
  await socket.emitWithAck("echo", one, one);
  const seen = next(socket, "disconnect");
  socket.emit("echo", one, one, one);
  assert.equal((await seen)[0], "transport close");
  assert.deepEqual(await server.heard(), ["forced close"]);
});

const SMALL = { max_http_buffer_size: 10_000 };

scripted("bytes of a message", SOURCE, SMALL, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  assert.equal(await socket.emitWithAck("echo", "x".repeat(9_000)), "x".repeat(9_000));
  const seen = next(socket, "disconnect");
  socket.emit("echo", "x".repeat(20_000));
  const [reason, details] = await seen;
  if (mode === "polling") {
    assert.equal(reason, "transport error");
    assert.equal(details.description, 413);
  } else {
    assert.equal(reason, "transport close");
    assert.equal(details.context.code, 1009);
    assert.deepEqual(await server.heard(), ["transport error"]);
  }
});

scripted("depth", SOURCE, { max_json_depth: 8 }, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  assert.deepEqual(await socket.emitWithAck("echo", [[[[1]]]]), [[[[1]]]]);
  socket.emit("echo", [[[[[[[[[1]]]]]]]]]);
  assert.equal((await next(socket, "disconnect"))[0], "transport close");
  assert.deepEqual(await server.heard(), ["forced close"]);
});
