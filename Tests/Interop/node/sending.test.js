"use strict";
// Flags of an emit, order, and what arguments may hold.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { collect, next } = require("./support/client.js");

const SOURCE = `
  io.on("echo", lambda sid, *args: args)
  io.on("message", lambda sid, *args: hear(*args))
`;
const COMPRESSED = { http_compression: true, compression_threshold: 100 };

scripted("compress and local", SOURCE, COMPRESSED, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const text = "x".repeat(5000);
  for (const chain of ["compress(True)", "compress(False)", "local"]) {
    const news = next(socket, "news");
    await server.run(`io.${chain}.emit("news", "x" * 5000)`);
    assert.deepEqual(await news, [text]);
  }
});

scripted("volatile", SOURCE, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  await socket.emitWithAck("echo"); // the server knows of the upgrade, too
  const all = [];
  socket.onAny((event, ...args) => all.push([event, ...args]));
  const end = next(socket, "end");
  await server.run("io.volatile.emit('news', 1)");
  await server.run("io.emit('end')");
  await end;
  // Between two polls a client is not ready for it.
  if (mode !== "polling") assert.deepEqual(all, [["news", 1], ["end"]]);
  else assert.deepEqual(all.at(-1), ["end"]);
});

scripted("broadcasts come in order", SOURCE, {}, async ({ server, clients, mode }) => {
  const sockets = [];
  for (let i = 0; i < 3; i++) sockets.push(await clients.connect(server, mode));
  const all = Promise.all(sockets.map((socket) => collect(socket, "n", 200)));
  await server.run("io.sockets_join('r')");
  await server.run(
    "[(io.emit('n', n), io.to('r').emit('n', b'x' if n % 5 else n)) for n in range(100)] and None",
  );
  for (const came of await all) {
    came.forEach(([value], index) => {
      if (index % 2 === 0) assert.equal(value, index / 2);
      else if (((index - 1) / 2) % 5) assert.equal(value.byteLength, 1);
      else assert.equal(value, (index - 1) / 2);
    });
  }
});

scripted("send", SOURCE, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const all = collect(socket, "message", 2);
  await server.run("io.send('to all')");
  await server.run(`io.send(("one", 2), to="${socket.id}")`);
  assert.deepEqual(await all, [["to all"], ["one", 2]]);
  socket.send("back", new Uint8Array([1]));
  assert.deepEqual(await server.heard(), ["back", [1]]);
});

const bytes = (...values) => new Uint8Array(values);
const plain = (value) =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? ["bytes", ...new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength)]
    : Array.isArray(value)
      ? value.map(plain)
      : value && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
        : value;

scripted("binary at depth", SOURCE, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const deep = { a: [bytes(0, 255), { b: [[bytes(), { c: bytes(0x1e) }]] }], "": [null] };
  assert.deepEqual(plain(await socket.emitWithAck("echo", deep)), plain(deep));
  const news = next(socket, "news");
  await server.run(`io.emit("news", ({"a": [b"\\0", [{"b": b""}]]}, b"\\x1e", 1))`);
  assert.deepEqual(plain(await news), plain([{ a: [bytes(0), [{ b: bytes() }]] }, bytes(0x1e), 1]));
});
