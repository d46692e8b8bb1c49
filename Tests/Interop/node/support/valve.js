"use strict";
// A network that stalls: passes connections to a server, and keeps back what that sends while it is
// shut.

const net = require("node:net");
const { once } = require("node:events");

async function valve(server) {
  const open = new Set();
  const upstream = new Set();
  let isShut = false;
  const keep = (socket, other) => {
    open.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => (open.delete(socket), upstream.delete(socket), other.destroy()));
  };
  const listener = net.createServer((client) => {
    const source = net.connect(server.port, "127.0.0.1");
    keep(client, source);
    keep(source, client);
    upstream.add(source);
    client.on("data", (data) => source.write(data));
    source.on("data", (data) => client.write(data));
    if (isShut) source.pause();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    shut() {
      isShut = true;
      for (const socket of upstream) socket.pause();
    },
    // Whether it keeps something back, and does not read on.
    isFull() {
      return [...upstream].some((socket) => socket.readableLength >= socket.readableHighWaterMark);
    },
    open() {
      isShut = false;
      for (const socket of upstream) socket.resume();
    },
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}

module.exports = { valve };
