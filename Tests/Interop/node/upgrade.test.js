"use strict";
// The upgrade while packets are in flight both ways: nothing is lost, nothing
// comes twice, and the order is kept.

const assert = require("node:assert/strict");
const { inEachMode, withServer } = require("./support/bench.js");
const { collect, next } = require("./support/client.js");
const { holdOpenings } = require("./support/websocket.js");

const COUNT = 4000;
const PATIENT = ["--upgrade-timeout", 60_000]; // which begins long before the upgrade does
const numbers = (count) => Array.from({ length: count }, (_, i) => i);
const first = (all) => all.map(([value]) => value);

for (const before of [0, 1, COUNT / 4, COUNT / 2]) {
  withServer(`upgrade after ${before} of ${COUNT} messages`, PATIENT, async ({ server, clients }) => {
    const letOpen = holdOpenings();
    const socket = await clients.connect(server, "polling", {
      transports: ["polling", "websocket"],
    });
    const { engine } = socket.io;
    const upgraded = next(engine, "upgrade");
    const echoes = collect(socket, "echo", COUNT);
    const ticks = collect(socket, "tick", COUNT);
    if (before === 0) letOpen();
    socket.on("echo", (i) => i + 1 === before && letOpen());
    socket.emit("stream", COUNT);
    let sent = 0;
    const feed = () => {
      for (let i = 0; i < 20 && sent < COUNT; i++) socket.emit("echo", sent++);
      if (sent < COUNT) setImmediate(feed);
    };
    feed();
    await upgraded;
    assert.deepEqual(first(await echoes), numbers(COUNT));
    assert.deepEqual(first(await ticks), numbers(COUNT));
    assert.equal(engine.transport.name, "websocket");
    assert.equal(await socket.emitWithAck("echo", "settled"), "settled");
  });
}

withServer("many clients upgrade while they talk", [], async ({ server, clients }) => {
  const each = async () => {
    const socket = clients.start(server, "upgrade");
    const echoes = collect(socket, "echo", 300);
    for (const i of numbers(300)) socket.emit("echo", i, Uint8Array.of(i % 256));
    assert.deepEqual(first(await echoes), numbers(300));
  };
  await Promise.all(numbers(20).map(each));
});

withServer("the probe is not answered: polling goes on", [], async ({ server, clients }) => {
  const letOpen = holdOpenings();
  try {
    const socket = await clients.connect(server, "polling", { transports: ["polling", "websocket"] });
    assert.equal(await socket.emitWithAck("echo", 1), 1);
    assert.equal(socket.io.engine.transport.name, "polling");
  } finally {
    letOpen();
  }
});

withServer("the upgrade takes too long", ["--upgrade-timeout", 100], async ({ server, clients }) => {
  const letOpen = holdOpenings();
  try {
    const socket = clients.start(server, "upgrade");
    const failed = next(socket.io.engine, "upgradeError");
    await next(socket, "connect");
    const [error] = await failed;
    assert.match(error.message, /probe error/);
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  } finally {
    letOpen();
  }
});

inEachMode("bursts over every transport", [], async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const ticks = collect(socket, "tick", 1000);
  const echoes = collect(socket, "echo", 1000);
  socket.emit("burst", 1000);
  for (const i of numbers(1000)) socket.emit("echo", i);
  assert.deepEqual(first(await ticks), numbers(1000));
  assert.deepEqual(first(await echoes), numbers(1000));
});
