"use strict";
const assert = require("node:assert/strict");
const { inEachMode, withServer } = require("./support/bench.js");
const { next } = require("./support/client.js");

inEachMode("connects with auth", [], async ({ server, clients, mode }) => {
  const socket = clients.start(server, mode, { auth: { name: "Zoë", n: [1, null] } });
  const [id, auth] = await next(socket, "welcome");
  assert.equal(id, socket.id);
  assert.match(id, /^[\w-]{20}$/);
  assert.deepEqual(auth, { name: "Zoë", n: [1, null] });
});

for (const when of ["refuse", "refuse-later"]) {
  inEachMode(`${when}: connect_error with data`, [], async ({ server, clients, mode }) => {
    const socket = clients.start(server, mode, { auth: { mode: when } });
    const [error] = await next(socket, "connect_error");
    assert.equal(error.message, "not you");
    assert.deepEqual(error.data, { code: 401, why: ["no ticket", null, true] });
    assert.equal(socket.connected, false);
    socket.auth = {};
    socket.connect();
    await next(socket, "connect");
  });
}

inEachMode("refused with a message alone", [], async ({ server, clients, mode }) => {
  const socket = clients.start(server, mode, { auth: { mode: "refuse-plain" } });
  const [error] = await next(socket, "connect_error");
  assert.equal(error.message, "go away");
  assert.equal(error.data, undefined);
});

inEachMode("let in later", [], async ({ server, clients, mode }) => {
  const socket = clients.start(server, mode, { auth: { mode: "accept-later" } });
  await next(socket, "connect");
});

inEachMode("a path without a slash behind it", ["--no-trailing-slash"], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode, { addTrailingSlash: false });
  assert.equal(await socket.emitWithAck("echo", 1), 1);
});

inEachMode("two namespaces, one connection", [], async ({ server, clients, mode }) => {
  const root = await clients.connect(server, mode);
  const chat = root.io.socket("/chat");
  await next(chat, "connect");
  assert.notEqual(root.id, chat.id);
  assert.equal(await chat.emitWithAck("echo", "chat"), "chat");
  assert.equal(await root.emitWithAck("echo", "root"), "root");
  const counts = await root.emitWithAck("counts");
  assert.deepEqual([counts.sessions, counts.sockets], [1, 2]);
});

inEachMode("an unknown namespace", [], async ({ server, clients, mode }) => {
  const root = await clients.connect(server, mode);
  const nowhere = root.io.socket("/nowhere");
  const [error] = await next(nowhere, "connect_error");
  assert.equal(error.message, "Invalid namespace");
  assert.equal(await root.emitWithAck("echo", 1), 1);
});

inEachMode("the handshake's details", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode, { query: { room: "a b" }, auth: { a: 1 } });
  const details = await socket.emitWithAck("handshake");
  assert.match(details.query, /room=a%20b/);
  assert.deepEqual(details.auth, { a: 1 });
  assert.equal(details.address, "127.0.0.1");
  assert.equal(details.transport, mode === "polling" ? "polling" : "websocket");
  assert.ok(Math.abs(details.issued - Date.now()) < 60_000);
});

withServer("a session without a namespace ends", ["--connect-timeout", 100], async (bench) => {
  const manager = bench.clients.start(bench.server, "websocket", { autoConnect: false }).io;
  manager.open();
  const [reason] = await next(manager, "close");
  assert.equal(reason, "transport close");
});
