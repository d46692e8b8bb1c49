"use strict";
// What waits for a client whose network stalls, and what becomes of it.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { next } = require("./support/client.js");
const { until } = require("./support/patience.js");
const { valve } = require("./support/valve.js");

const SOURCE = `
  io.on("echo", lambda sid, *args: args)
  io.on("disconnect", lambda sid, reason: hear(reason))
  io.of("/").conn.on("drain", lambda sid: hear("drain", sid))

  def until(condition):
      end = time.monotonic() + 15
      while not condition():
          assert time.monotonic() < end
          time.sleep(0.001)

  def emit(event, value, **options):
      "Emits, and waits until the client's loop has come to it."
      done = lambda: (totals := io.totals()).events_sent + totals.dropped_newest
      before = done()
      io.emit(event, value, **options)
      until(lambda: done() > before)

  def fill(sid):
      "Emits until much waits, and in three turns of the loop nothing of it has left."
      sent = calm = 0
      while io.buffered(sid).bytes < 200_000 or calm < 3:
          before = io.buffered(sid).packets
          emit("fill", "x" * 20_000, to=sid)
          sent += 1
          calm = calm + 1 if io.buffered(sid).packets == before + 1 else 0
      return sent
`;
const SMALL = { listen: { send_buffer_size: 16384 } };

// A test with a client that the server has filled; `came` has what it has got.
function stalled(name, options, body) {
  scripted(name, SOURCE, { ...SMALL, ...options }, async ({ server, clients, mode }) => {
    const network = await valve(server);
    try {
      const socket = await clients.connect(network, mode);
      await socket.emitWithAck("echo", 1);
      const came = [];
      socket.onAny((event, ...args) => came.push([event, ...args]));
      network.shut();
      let sent = await server.run(`fill("${socket.id}")`);
      await until(() => network.isFull()); // until then the system makes room
      sent += await server.run(`fill("${socket.id}")`);
      await server.run("hear('full')");
      while ((await server.heard())[0] !== "full"); // for a moment all may have left before
      await body({ server, clients, network, socket, came, sent });
    } finally {
      network.close();
    }
  });
}

// Opens the valve, and waits for an event behind all that waited.
async function flows({ server, network, socket }) {
  network.open();
  await server.run(`until(lambda: io.buffered("${socket.id}").packets == 0)`);
  const end = next(socket, "end");
  await server.run("io.emit('end')");
  await end;
}

const named = (came, name) => came.filter(([event]) => event === name).map(([, value]) => value);

stalled("the latest of a key, and no volatile ones", {}, async (bench) => {
  const { server, socket, came, sent } = bench;
  const { id } = socket;
  assert.equal(await server.run(`io.writable("${id}")`), false);
  await server.run("io.volatile.emit('now')");
  await server.run("[io.emit('price', n, coalesce_key='p') for n in range(100)] and None");
  await server.run("until(lambda: io.totals().dropped_coalesced == 99)");
  assert.equal(await server.run("io.totals().dropped_volatile"), 1);
  await flows(bench);
  assert.deepEqual(named(came, "price"), [99]);
  assert.equal(named(came, "fill").length, sent);
  assert.deepEqual(named(came, "now"), []);
  assert.deepEqual(await server.heard(), ["drain", id]);
});

const FEW = { max_buffered_packets: 30 };
const NUMBERS = "[emit('n', n) for n in range(50)] and None";
const all = Array.from({ length: 50 }, (_, n) => n);
const inOrder = (numbers) => [...new Set(numbers)].sort((x, y) => x - y);

stalled("the newest are dropped", { ...FEW, overflow: "drop_newest" }, async (bench) => {
  const { server, came } = bench;
  await server.run(NUMBERS);
  await server.run("until(lambda: io.totals().dropped_newest >= 20)");
  await flows(bench);
  const numbers = named(came, "n");
  const dropped = await server.run("io.totals().dropped_newest");
  // The system may make room for some between them, late.
  assert.deepEqual(numbers.slice(0, 10), all.slice(0, 10));
  assert.deepEqual(numbers, inOrder(numbers));
  assert.equal(numbers.length, 50 - dropped);
});

stalled("the oldest are dropped", { ...FEW, overflow: "drop_oldest" }, async (bench) => {
  const { server, came, sent } = bench;
  await server.run(NUMBERS);
  await server.run("until(lambda: io.totals().dropped_oldest >= 20)");
  await flows(bench);
  const numbers = named(came, "n");
  assert.deepEqual(numbers.slice(-30), all.slice(-30));
  assert.deepEqual(numbers, inOrder(numbers));
  const missing = 50 - numbers.length + sent - named(came, "fill").length;
  assert.equal(await server.run("io.totals().dropped_oldest"), missing);
});

stalled("one that is too slow goes, the others stay", FEW, async (bench) => {
  const { server, clients, network, socket } = bench;
  const other = await clients.connect(server, "websocket");
  const numbers = [];
  other.on("n", (n) => numbers.push(n));
  await server.run(NUMBERS);
  assert.deepEqual(await server.heard(), ["transport error"]);
  assert.equal(await server.run("io.totals().overflowed_clients"), 1);
  assert.equal(await other.emitWithAck("echo", "still here"), "still here");
  assert.deepEqual(numbers, all);
  const gone = next(socket, "disconnect");
  network.open();
  await gone;
});
