"use strict";
// A server's slow end, behind a load balancer.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { next } = require("./support/client.js");
const { balance } = require("./support/balancer.js");
const { until } = require("./support/patience.js");

const SOURCE = `
  io.on("echo", lambda sid, *args: args)
  io.on("disconnect", lambda sid, reason: hear(reason, time.monotonic()))
`;
const READY = { ready_path: "/ready" };

scripted("clients leave one after the other", SOURCE, READY, async (bench) => {
  const { server, clients, mode } = bench;
  const ends = [];
  for (let i = 0; i < 3; i++) {
    const socket = await clients.connect(server, mode);
    ends.push(next(socket, "last"), next(socket, "disconnect"));
  }
  await server.run("io.emit('last', 'word')");
  await server.run("later(lambda: io.drain(3))");
  const left = [];
  for (let i = 0; i < 3; i++) left.push(await server.heard());
  assert.ok(left.every(([reason]) => reason === "server shutting down"));
  assert.ok(left[2][1] - left[0][1] > 0.25);
  const seen = await Promise.all(ends);
  // Not "io server disconnect", after which a client does not come back.
  assert.deepEqual(
    seen.map(([what]) => what),
    Array(3).fill(["word", "transport close"]).flat(),
  );
});

scripted("new clients are refused, the others go on", SOURCE, READY, async (bench) => {
  const { server, clients, mode } = bench;
  const socket = await clients.connect(server, mode);
  await server.run("later(lambda: io.drain(600))");
  await until(async () => (await fetch(`${server.url}/ready`)).status === 503);
  const [error] = await next(clients.start(server, mode), "connect_error");
  if (mode !== "websocket") assert.equal(error.description, 503);
  assert.equal(await socket.emitWithAck("echo", "still"), "still");
});

scripted("they go on at another server", SOURCE, READY, async (bench) => {
  const { server, clients, script, mode } = bench;
  const other = await script(SOURCE, READY);
  const balancer = await balance(server, other);
  try {
    const options = { reconnection: true, reconnectionDelay: 50, randomizationFactor: 0 };
    const socket = await clients.connect(balancer, mode, options);
    assert.equal(await server.run("len(io.sockets())"), 1);
    const again = next(socket, "connect");
    await server.run("later(lambda: io.drain(0.1))");
    await again;
    assert.deepEqual(await other.run("io.sockets()"), [socket.id]);
    assert.equal(await socket.emitWithAck("echo", "at the other"), "at the other");
  } finally {
    balancer.close();
  }
});
