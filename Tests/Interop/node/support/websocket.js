"use strict";
// Debian's ws as the global WebSocket. A test can hold back the opening of
// connections until it says so, to have packets in flight when an upgrade comes.

const NodeWebSocket = require("ws");

let gate = null;

class WebSocket extends NodeWebSocket {
  set onopen(listener) {
    const opened = gate;
    super.onopen = opened
      ? () => opened.then(() => this.readyState === NodeWebSocket.OPEN && listener())
      : listener;
  }
}

// Connections made from now on open when the function that it returns is called.
function holdOpenings() {
  let release;
  gate = new Promise((resolve) => (release = resolve));
  return () => {
    gate = null;
    release();
  };
}

module.exports = { WebSocket, NodeWebSocket, holdOpenings };
