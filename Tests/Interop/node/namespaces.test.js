"use strict";
// Namespaces that clients ask for.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { next } = require("./support/client.js");

const PATTERN = String.raw`
  rooms = io.of(re.compile("/room-[0-9]+"))
  rooms.on("connect", lambda nsp, sid, environ, auth: hear("connect", nsp, auth))
  rooms.on("echo", lambda nsp, sid, *args: (nsp, *args))
  rooms.on("disconnect", lambda nsp, sid, reason: hear("disconnect", nsp))
  io.on("new_namespace", lambda nsp: nsp.startswith("/room") and hear("new", nsp))
`;

scripted("a pattern", PATTERN, {}, async ({ server, clients, mode }) => {
  const one = await clients.connect(server, mode, { path: "/room-1", auth: { key: 1 } });
  assert.deepEqual(await server.heard(), ["new", "/room-1"]);
  assert.deepEqual(await server.heard(), ["connect", "/room-1", { key: 1 }]);
  const two = await clients.connect(server, mode, { path: "/room-2" });
  const both = Promise.all([next(one, "news"), next(two, "news")]);
  await server.run("rooms.emit('news', 1)");
  assert.deepEqual(await both, [[1], [1]]);
  const binary = await new Promise((resolve) =>
    one.emit("echo", new Uint8Array([1]), (...args) => resolve(args)),
  );
  assert.equal(binary[0], "/room-1");
  assert.deepEqual(new Uint8Array(binary[1]), new Uint8Array([1]));
});

scripted("a name that does not match", PATTERN, {}, async ({ server, clients, mode }) => {
  for (const path of ["/room-x", "/room-1x", "/xroom-1"]) {
    const [error] = await next(clients.start(server, mode, { path }), "connect_error");
    assert.equal(error.message, "Invalid namespace");
  }
});

const FUNCTION = `
  mine = io.of(lambda nsp, auth: nsp == "/mine" and auth == {"key": 1})
  mine.on("connect", lambda nsp, sid, environ: None)
`;

scripted("a function decides", FUNCTION, {}, async ({ server, clients, mode }) => {
  const refused = clients.start(server, mode, { path: "/mine", auth: { key: 2 } });
  assert.equal((await next(refused, "connect_error"))[0].message, "Invalid namespace");
  await clients.connect(server, mode, { path: "/mine", auth: { key: 1 } });
});

const CLEANUP = { cleanup_empty_child_namespaces: true };

scripted("children go with their last client", PATTERN, CLEANUP, async (bench) => {
  const { server, clients, mode } = bench;
  for (let round = 0; round < 2; round++) {
    const socket = await clients.connect(server, mode, { path: "/room-1" });
    assert.equal((await server.heard())[0], "new");
    assert.equal((await server.heard())[0], "connect");
    socket.disconnect();
    assert.deepEqual(await server.heard(), ["disconnect", "/room-1"]);
  }
});

const MIDDLEWARE = `
  chat = io.of("/chat")
  chat.use(lambda sid, environ, auth: hear("asked", auth))
  @chat.event
  def connect(sid, environ, auth):
      if auth != {"key": 1}:
          raise libsocketio.ConnectionRefusedError("no entry", {"code": 403, "deep": [None]})
`;

scripted("middleware, and a refusal with data", MIDDLEWARE, {}, async (bench) => {
  const { server, clients, mode } = bench;
  const refused = clients.start(server, mode, { path: "/chat", auth: { key: "é" } });
  const [error] = await next(refused, "connect_error");
  assert.equal(error.message, "no entry");
  assert.deepEqual(error.data, { code: 403, deep: [null] });
  assert.deepEqual(await server.heard(), ["asked", { key: "é" }]);
  refused.auth = { key: 1 };
  refused.connect();
  await next(refused, "connect");
});
