"use strict";
// What is asked of many clients, and done to many.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { next } = require("./support/client.js");

const SOURCE = `io.on("echo", lambda sid, *args: args)`;

// Three clients, each of which replies to "who" with its number.
async function crowd({ server, clients, mode }) {
  const sockets = [];
  for (let number = 0; number < 3; number++) {
    const socket = await clients.connect(server, mode);
    socket.on("who", (...args) => args.pop()(number));
    socket.on("give", (data, reply) => reply(data, number));
    sockets.push(socket);
  }
  return sockets;
}

const sorted = (values) => [...values].sort();

scripted("all reply", SOURCE, {}, async (bench) => {
  const { server } = bench;
  const [, one] = await crowd(bench);
  assert.deepEqual(sorted(await server.run("io.timeout(15).emit_with_ack('who')")), [0, 1, 2]);
  const told = await server.run("io.timeout(15).emit_with_ack('give', b'\\xff')");
  assert.deepEqual(sorted(told), [0, 1, 2].map((number) => [[255], number]));
  const but = await server.run(`io.except_("${one.id}").timeout(15).emit_with_ack("who")`);
  assert.deepEqual(sorted(but), [0, 2]);
  assert.deepEqual(await server.run("io.to('nobody').timeout(15).emit_with_ack('who')"), []);
});

scripted("who was silent", SOURCE, {}, async (bench) => {
  const { server } = bench;
  const sockets = await crowd(bench);
  sockets[2].off("who");
  await assert.rejects(server.run("io.timeout(2).emit_with_ack('who')"), (failure) => {
    assert.equal(failure.error, "TimeoutError");
    assert.deepEqual(sorted(failure.replies), [0, 1]);
    assert.deepEqual(failure.silent, [sockets[2].id]);
    return true;
  });
  const one = `io.call("who", to="${sockets[2].id}", timeout=0.2)`;
  await assert.rejects(server.run(one), { error: "TimeoutError" });
  await server.run("io.emit('who', room='nobody', callback=hear)");
  assert.equal(await server.run("io.counts().pending_acks"), 0);
});

scripted("rooms for many", SOURCE, {}, async (bench) => {
  const { server } = bench;
  const [a, b, c] = await crowd(bench);
  await server.run("io.sockets_join('x', 'y')");
  await server.run(`io.to("${a.id}", "${b.id}").sockets_leave("x")`);
  const ids = async (room) => sorted(await server.run(`io.sockets("${room}")`));
  assert.deepEqual(await ids("x"), [c.id]);
  assert.deepEqual(await ids("y"), sorted([a.id, b.id, c.id]));
  const news = Promise.all([next(a, "news"), next(b, "news")]);
  c.on("news", () => assert.fail("it is in x"));
  await server.run("io.in_('y').except_('x').emit('news', 1, 2)");
  assert.deepEqual(await news, [[1, 2], [1, 2]]);
  assert.equal(await c.emitWithAck("echo", 1), 1);
});

scripted("clients as objects", SOURCE, {}, async (bench) => {
  const { server } = bench;
  const sockets = await crowd(bench);
  await server.run("[socket.data.update(n=1) for socket in io.fetch_sockets()]");
  const found = await server.run("[(s.id, s.rooms, s.data, s.connected) for s in io.fetch_sockets()]");
  const wanted = sockets.map(({ id }) => [id, [id], { n: 1 }, true]);
  assert.deepEqual(sorted(found), sorted(wanted));
  const news = next(sockets[0], "news");
  await server.run(`io.get_socket("${sockets[0].id}").emit("news", 1)`);
  assert.deepEqual(await news, [1]);
});

scripted("many are disconnected", SOURCE, {}, async (bench) => {
  const { server } = bench;
  const [a, b, c] = await crowd(bench);
  const seen = next(b, "disconnect");
  await server.run(`io.to("${b.id}").disconnect_sockets()`);
  assert.equal((await seen)[0], "io server disconnect");
  const ended = next(c, "disconnect");
  await server.run(`io.to("${c.id}").disconnect_sockets(close=True)`);
  assert.match((await ended)[0], /^(io server disconnect|transport close)$/);
  assert.deepEqual(await server.run("io.sockets()"), [a.id]);
});
