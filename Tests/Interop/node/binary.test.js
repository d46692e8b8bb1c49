"use strict";
const assert = require("node:assert/strict");
const { inEachMode } = require("./support/bench.js");
const { next } = require("./support/client.js");

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);
const deep = () => ({ a: [{ b: [ALL, "text", { c: new Uint8Array() }] }, 1], d: ALL.buffer });

// Makes what was received comparable: bytes arrive as ArrayBuffer.
function plain(value) {
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

inEachMode("bytes at any depth, in events", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const echo = next(socket, "echo");
  socket.emit("echo", deep(), "between", ALL);
  assert.deepEqual(plain(await echo), plain([deep(), "between", ALL]));
});

inEachMode("bytes at any depth, in replies", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  assert.deepEqual(plain(await socket.emitWithAck("echo", deep())), plain(deep()));
});

inEachMode("the server's own bytes", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const binary = next(socket, "binary");
  socket.emit("binary");
  assert.deepEqual(plain(await binary), [
    plain({ all: ALL, deep: [[{ empty: new Uint8Array() }], Uint8Array.of(30)] }),
    plain(Uint8Array.of(30)),
  ]);
});

inEachMode("bytes in two namespaces in turn", [], async ({ server, clients, mode }) => {
  const root = await clients.connect(server, mode);
  const chat = root.io.socket("/chat");
  await next(chat, "connect");
  const calls = [];
  for (let i = 0; i < 40; i++) {
    const socket = i % 2 ? root : chat;
    calls.push(socket.emitWithAck("echo", [Uint8Array.of(i), i, Uint8Array.of(i, i)]));
  }
  assert.deepEqual(
    plain(await Promise.all(calls)),
    calls.map((_, i) => [{ bytes: [i] }, i, { bytes: [i, i] }]),
  );
});
