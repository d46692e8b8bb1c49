"use strict";
// Functions that hear of events, once, always, or before anybody else.
const assert = require("node:assert/strict");
const { scripted } = require("./support/bench.js");
const { next } = require("./support/client.js");

async function heard(server, count) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await server.heard());
  return all;
}

const ONCE = `
  root = io.of("/")
  root.once("x", lambda sid, n: hear("once", n))
  root.add_listener("x", lambda sid, n: hear("always", n))
  root.prepend_listener("x", lambda sid, n: hear("first", n))
`;

scripted("once and off", ONCE, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  await socket.emitWithAck("x", 1);
  await socket.emitWithAck("x", 2);
  assert.deepEqual(await heard(server, 5), [
    ["first", 1],
    ["once", 1],
    ["always", 1],
    ["first", 2],
    ["always", 2],
  ]);
  await server.run("root.off('x')");
  assert.deepEqual(await server.run("root.event_names()"), []);
});

const ANY = `
  root = io.of("/")
  root.on("x", lambda sid, *args: hear("handler", *args))
  root.on_any(lambda event, sid, *args: hear("any", event, *args))
  root.on_any_outgoing(lambda event, sid, *args: hear("out", event, sid, *args))
`;

scripted("every event, in and out", ANY, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  await socket.emitWithAck("x", new Uint8Array([1]), "é");
  assert.deepEqual(await heard(server, 2), [
    ["any", "x", [1], "é"],
    ["handler", [1], "é"],
  ]);
  const news = next(socket, "news");
  await server.run("io.emit('news', (1, 'é'))");
  assert.deepEqual(await news, [1, "é"]);
  assert.deepEqual(await server.heard(), ["out", "news", socket.id, 1, "é"]);
  await server.run("root.off_any(), root.off_any_outgoing()");
  await socket.emitWithAck("x");
  assert.deepEqual(await server.heard(), ["handler"]);
});

const PACKETS = `
  root = io.of("/")
  @root.use_packet
  def check(sid, event, args):
      if event == "bad":
          raise ValueError("no such word")
      args.append("checked")
  root.on("good", lambda sid, *args: args)
  root.on("error", lambda sid, error: hear("error", str(error)))
`;

scripted("packet middleware", PACKETS, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const good = () => new Promise((resolve) => socket.emit("good", 1, (...args) => resolve(args)));
  assert.deepEqual(await good(), [1, "checked"]);
  socket.emit("bad", 1);
  assert.deepEqual(await server.heard(), ["error", "no such word"]);
  assert.deepEqual(await good(), [1, "checked"]);
  await assert.rejects(socket.timeout(200).emitWithAck("bad"), /timed out/);
});

const LEAVING = `
  io.on("connect", lambda sid, environ: io.enter_room(sid, "r"))
  io.on("disconnecting", lambda sid, reason: hear("disconnecting", sorted(io.rooms(sid)), reason))
  io.on("disconnect", lambda sid, reason: hear("disconnect", io.sockets("r"), reason))
`;

scripted("disconnecting with rooms", LEAVING, {}, async ({ server, clients, mode }) => {
  const socket = await clients.connect(server, mode);
  const rooms = [socket.id, "r"].sort();
  socket.disconnect();
  const reason = "client namespace disconnect";
  assert.deepEqual(await heard(server, 2), [
    ["disconnecting", rooms, reason],
    ["disconnect", [], reason],
  ]);
});

const ROOMS = `
  for event in ("create-room", "join-room", "leave-room", "delete-room"):
      io.of("/").adapter.on(event, lambda *args, event=event: hear(event, *args))
`;

scripted("events of rooms", ROOMS, {}, async ({ server, clients, mode }) => {
  const { id } = await clients.connect(server, mode);
  assert.deepEqual(await heard(server, 2), [
    ["create-room", id],
    ["join-room", id, id],
  ]);
  await server.run(`io.enter_room("${id}", "r")`);
  assert.deepEqual(await heard(server, 2), [
    ["create-room", "r"],
    ["join-room", "r", id],
  ]);
  await server.run("io.disconnect_sockets()");
  const left = await heard(server, 4);
  for (const room of [id, "r"]) {
    assert.deepEqual(
      left.filter((event) => event[1] === room),
      [
        ["leave-room", room, id],
        ["delete-room", room],
      ],
    );
  }
});
