"use strict";
// Clients that go on where they were.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { collect, next } = require("./support/client.js");

const SOURCE = `
  @io.on("connect")
  def connect(sid, environ, auth):
      hear("connect", io.recovered(sid), environ.get("libsocketio.recovery_failure", ""))
      if not io.recovered(sid):
          io.enter_room(sid, "r")
          io.save_session(sid, {"name": "ann"})
  io.on("disconnect", lambda sid, reason: hear("disconnect", reason))
  io.on("echo", lambda sid, *args: args)
`;
const ON = { connection_state_recovery: true };

// Breaks the connection, and emits while the client is away: it comes back when it is told to.
async function breaks(socket, server) {
  socket.io.engine.close();
  assert.deepEqual(await server.heard(), ["disconnect", "transport close"]);
  await server.run("io.emit('missed', 1)");
  await server.run("io.to('r').emit('missed', 2, b'\\0')");
  await server.run("io.to('elsewhere').emit('missed', 3)");
}

for (const sees of [true, false]) {
  const name = sees ? "a client comes back" : "a client that has seen nothing comes back";
  scripted(name, SOURCE, ON, async ({ server, clients, mode }) => {
    const socket = await clients.connect(server, mode);
    const { id } = socket;
    assert.deepEqual(await server.heard(), ["connect", false, ""]);
    assert.equal(socket.recovered, false);
    if (sees) {
      const news = next(socket, "news");
      await server.run("io.emit('news', 0)");
      assert.equal((await news).length, 2, "an offset comes behind it");
    }
    const missed = collect(socket, "missed", 2);
    await breaks(socket, server);
    socket.connect();
    await next(socket, "connect");
    assert.deepEqual(await server.heard(), ["connect", true, ""]);
    assert.deepEqual([socket.recovered, socket.id], [true, id]);
    const came = await missed;
    assert.deepEqual([came[0][0], came[1][0], came[1][1].byteLength], [1, 2, 1]);
    assert.deepEqual(await server.run(`(io.sockets("r"), io.get_session("${id}"))`), [
      [id],
      { name: "ann" },
    ]);
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });
}

scripted("one that left in order begins anew", SOURCE, ON, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const { id } = socket;
  await server.heard();
  socket.disconnect();
  assert.deepEqual(await server.heard(), ["disconnect", "client namespace disconnect"]);
  socket.connect();
  await next(socket, "connect");
  const [, recovered, why] = await server.heard();
  assert.deepEqual([recovered, socket.recovered, socket.id === id], [false, false, false]);
  assert.match(why, /no session/);
});

const LITTLE = { connection_state_recovery: { max_bytes: 300 } };

scripted("what is gone is no recovery", SOURCE, LITTLE, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const { id } = socket;
  await server.heard();
  await breaks(socket, server);
  await server.run("[io.emit('missed', n) for n in range(20)] and None");
  socket.connect();
  await next(socket, "connect");
  const [, recovered, why] = await server.heard();
  assert.deepEqual([recovered, socket.recovered, socket.id === id], [false, false, false]);
  assert.match(why, /are gone/);
});
