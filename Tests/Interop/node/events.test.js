"use strict";
const assert = require("node:assert/strict");
const { inEachMode } = require("./support/bench.js");
const { collect, next } = require("./support/client.js");

const VALUES = [
  null,
  true,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  "",
  'quotes " and \\ and /',
  "\u0000\u001e\n\u2028\u2029 é 漢字 👩‍👩‍👧 \ud7ff",
  [],
  {},
  [[[[]]], { a: { b: [{}] } }],
  { "": 1, "a b": [null, false], ключ: "значение" },
];

inEachMode("every value comes back", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  for (const value of VALUES) {
    assert.deepEqual(await socket.emitWithAck("echo", value), value);
    const echo = next(socket, "echo");
    socket.emit("echo", value, "and", 1);
    assert.deepEqual(await echo, [value, "and", 1]);
  }
});

inEachMode("no arguments", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const echo = next(socket, "echo");
  socket.emit("echo");
  assert.deepEqual(await echo, []);
});

inEachMode("send", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const message = next(socket, "message");
  socket.send("hello", 1);
  assert.deepEqual(await message, ["hello", 1]);
});

inEachMode("replies that come later, and twice", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  assert.equal(await socket.emitWithAck("echo-later", "x"), "x");
  assert.equal(await socket.emitWithAck("echo-twice", "y"), "y");
  assert.equal(await socket.emitWithAck("echo-twice", "z"), "z");
});

inEachMode("timeout: with a reply and without", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  assert.equal(await socket.timeout(15_000).emitWithAck("echo", 1), 1);
  await assert.rejects(socket.timeout(50).emitWithAck("no handler"), /timed out/);
});

inEachMode("the client replies", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  socket.on("question", (ms, why, reply) => reply("because", { why }, new Uint8Array([1, 2])));
  socket.emit("ask", 15_000, "why");
  const [status, args] = await next(socket, "answered");
  assert.equal(status, "SIO_OK");
  assert.deepEqual(args.slice(0, 2), ["because", { why: "why" }]);
  assert.deepEqual([...new Uint8Array(args[2])], [1, 2]);
});

inEachMode("the client does not reply", [], async ({ server, clients, mode }) => {
  const watcher = await clients.connect(server, "websocket", { path: "/watch" });
  const socket = await clients.connect(server, mode);
  const answers = collect(watcher, "answered", 2);
  socket.emit("ask", 50);
  assert.deepEqual(await next(socket, "answered"), ["SIO_E_TIMEOUT", null]);
  socket.once("question", () => socket.disconnect());
  socket.emit("ask", 0);
  assert.deepEqual(await answers, [
    ["SIO_E_TIMEOUT", null],
    ["SIO_E_DISCONNECTED", null],
  ]);
});

inEachMode("rooms, except, volatile", [], async ({ server, clients, mode }) => {
  const [a, b, c] = await Promise.all([1, 2, 3].map(() => clients.connect(server, mode)));
  await a.emitWithAck("join", "r");
  await b.emitWithAck("join", "r");
  const heard = Promise.all([collect(a, "news", 2), collect(b, "news", 3), collect(c, "news", 3)]);
  a.emit("tell-room-others", "r", 1);
  a.emit("tell-except", "r", 2);
  a.emit("tell-others", 3);
  a.emit("tell-all", 4);
  a.emit("tell-room", "r", 5);
  a.emit("tell-room", c.id, 6);
  const last = (all) => all.map((args) => args.at(-1));
  assert.deepEqual((await heard).map(last), [
    [4, 5],
    [1, 3, 4],
    [2, 3, 4],
  ]);
});

inEachMode("volatile events are dropped, not queued", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const numbers = [];
  socket.on("maybe", (i) => numbers.push(i));
  socket.emit("volatile", 1000);
  await next(socket, "volatile-end");
  assert.deepEqual(numbers, [...numbers].sort((x, y) => x - y));
  socket.volatile.emit("echo", 1);
  assert.equal(await socket.emitWithAck("echo", 2), 2);
});
