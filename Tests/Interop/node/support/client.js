"use strict";
// The official JavaScript client in Node: its build for browsers, with the
// browser's transports put under it.

const { XMLHttpRequest, FileReader, agent } = require("./xhr.js");
const { WebSocket } = require("./websocket.js");
const { PATIENCE, patiently } = require("./patience.js");

Object.assign(globalThis, { XMLHttpRequest, FileReader, WebSocket });
const io = require(process.env.INTEROP_CLIENT);

const MODES = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

// The next event of that name, as the array of its arguments.
function next(emitter, event) {
  return patiently(`event ${event}`, (resolve) => emitter.once(event, (...args) => resolve(args)));
}

// Collects events of that name until there are `count` of them.
function collect(emitter, event, count) {
  const listen = (resolve) => {
    const all = [];
    emitter.on(event, function listener(...args) {
      all.push(args);
      if (all.length < count) return;
      emitter.off(event, listener);
      resolve(all);
    });
  };
  return patiently(`${count} times ${event}`, listen, 4 * PATIENCE);
}

// Makes clients for one test, and ends them with it.
class Clients {
  #all = [];

  // A socket that is connecting; `path` is the namespace, with a query maybe.
  start(server, mode, { path = "/", ...options } = {}) {
    const socket = io(server.url + path, {
      transports: MODES[mode],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.#all.push(socket);
    return socket;
  }

  // A socket that is connected and, if it upgrades, has upgraded.
  async connect(server, mode, options) {
    const socket = this.start(server, mode, options);
    const upgraded = mode === "upgrade" ? upgrade(socket) : null;
    await next(socket, "connect");
    await upgraded;
    return socket;
  }

  close() {
    for (const socket of this.#all) {
      socket.io.reconnection(false);
      socket.disconnect();
      socket.io.engine.close();
    }
    agent.destroy();
  }
}

// Waits for the upgrade of a socket that may not even have connected.
async function upgrade(socket) {
  const { engine } = socket.io;
  if (engine.transport.name === "websocket") return;
  await next(engine, "upgrade");
}

module.exports = { Clients, MODES, collect, io, next, upgrade };
