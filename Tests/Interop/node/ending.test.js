"use strict";
const assert = require("node:assert/strict");
const { inEachMode } = require("./support/bench.js");
const { next } = require("./support/client.js");

// Clients give up one interval later than the server does.
const FAST = ["--ping-interval", 100, "--ping-timeout", 2000];
const STRICT = ["--ping-interval", 1000, "--ping-timeout", 2000];
const watch = (clients, server) => clients.connect(server, "websocket", { path: "/watch" });

inEachMode("the client disconnects", [], async ({ server, clients, mode }) => {
  const watcher = await watch(clients, server);
  const socket = await clients.connect(server, mode);
  const { id } = socket;
  const seen = next(socket, "disconnect");
  const gone = next(watcher, "gone");
  socket.disconnect();
  assert.equal((await seen)[0], "io client disconnect");
  assert.deepEqual(await gone, ["/", id, "client namespace disconnect"]);
});

inEachMode("the server disconnects", [], async ({ server, clients, mode }) => {
  const watcher = await watch(clients, server);
  const socket = await clients.connect(server, mode);
  const gone = next(watcher, "gone");
  socket.emit("leave-me");
  assert.equal((await next(socket, "disconnect"))[0], "io server disconnect");
  assert.equal((await gone)[2], "server namespace disconnect");
});

inEachMode("the server disconnects one of two namespaces", [], async ({ server, clients, mode }) => {
  const root = await clients.connect(server, mode);
  const chat = root.io.socket("/chat");
  await next(chat, "connect");
  const { id } = chat;
  chat.emit("leave-me");
  assert.equal((await next(chat, "disconnect"))[0], "io server disconnect");
  assert.equal(await root.emitWithAck("echo", 1), 1);
  chat.connect();
  await next(chat, "connect");
  assert.notEqual(chat.id, id);
});

inEachMode("the server ends the connection", [], async ({ server, clients, mode }) => {
  const root = await clients.connect(server, mode);
  const chat = root.io.socket("/chat");
  await next(chat, "connect");
  const ends = Promise.all([next(root, "disconnect"), next(chat, "disconnect")]);
  root.emit("drop-me");
  const reasons = (await ends).map(([reason]) => reason);
  assert.deepEqual(reasons, ["io server disconnect", "io server disconnect"]);
});

inEachMode("a lost connection", [], async ({ server, clients, mode }) => {
  const watcher = await watch(clients, server);
  const socket = await clients.connect(server, mode);
  const { id } = socket;
  const seen = next(socket, "disconnect");
  const gone = next(watcher, "gone");
  socket.io.engine.close();
  assert.equal((await seen)[0], "forced close");
  assert.deepEqual(await gone, ["/", id, "transport close"]);
});

inEachMode("the server closes: the client comes back to the next", [], async (bench) => {
  const { server, clients, serve, mode } = bench;
  const socket = await clients.connect(server, mode, {
    reconnection: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
  });
  const { id } = socket;
  const seen = next(socket, "disconnect");
  await server.close();
  // Without a poll at that moment, the next one meets a closed port.
  const reasons = mode === "polling" ? ["transport close", "transport error"] : ["transport close"];
  assert.ok(reasons.includes((await seen)[0]));
  const back = next(socket, "connect");
  await serve("--port", server.port);
  await back;
  assert.notEqual(socket.id, id);
  assert.equal(await socket.emitWithAck("echo", "back"), "back");
});

inEachMode("pings keep it alive", FAST, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  // Each ping but the first stands behind the answer to the one before.
  for (let i = 0; i < 10; i++) await next(socket.io, "ping");
  assert.equal(await socket.emitWithAck("echo", "alive"), "alive");
});

inEachMode("a client that does not answer", STRICT, async ({ server, clients, mode }) => {
  const watcher = await watch(clients, server);
  const socket = await clients.connect(server, mode);
  const { transport } = socket.io.engine;
  const send = transport.send.bind(transport);
  transport.send = (packets) => {
    const rest = packets.filter(({ type }) => type !== "pong");
    if (rest.length > 0) send(rest);
  };
  const seen = next(socket, "disconnect");
  assert.equal((await next(watcher, "gone"))[2], "ping timeout");
  assert.equal((await seen)[0], "transport close");
});

inEachMode("a server that does not ping", FAST, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  server.freeze();
  try {
    assert.equal((await next(socket, "disconnect"))[0], "ping timeout");
  } finally {
    server.thaw();
  }
});
