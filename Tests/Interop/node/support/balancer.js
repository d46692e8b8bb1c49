"use strict";
// As much of a load balancer as a drain needs: it asks each server whether it is ready.

const http = require("node:http");
const net = require("node:net");
const { once } = require("node:events");

function ready(port) {
  return new Promise((resolve) => {
    const asked = http.get({ port, host: "127.0.0.1", path: "/ready", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on("error", () => resolve(false));
  });
}

// Passes each new connection to the first server that says "ready" at /ready.
async function balance(...servers) {
  const open = new Set();
  const keep = (socket, other) => {
    open.add(socket);
    socket.on("error", () => other()?.destroy());
    socket.on("close", () => (open.delete(socket), other()?.destroy()));
    return socket;
  };
  const listener = net.createServer({ pauseOnConnect: true }, async (client) => {
    let server = null;
    keep(client, () => server);
    for (const { port } of servers) {
      if (!(await ready(port))) continue;
      server = keep(net.connect(port, "127.0.0.1"), () => client);
      client.pipe(server).pipe(client);
      return;
    }
    client.destroy();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}

module.exports = { balance };
