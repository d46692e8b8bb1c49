#!/usr/bin/env node
// The floor: a WebSocket echo on Debian's node-ws, without any of Socket.IO's
// work, at any path.
//
//     peer_node.js PORT
//
// Needs NODE_PATH=/usr/share/nodejs where Node is not Debian's.
"use strict";

const { WebSocketServer } = require("ws");

const port = Number(process.argv[2]);
const server = new WebSocketServer({
  host: "127.0.0.1",
  port,
  backlog: 4096,
  perMessageDeflate: false,
  maxPayload: 8_000_000,
});

server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("error", () => socket.terminate());
});
server.on("error", (error) => {
  console.error(`peer_node.js: ${error.message}`);
  process.exit(1);
});
server.on("listening", () => console.log(`ready on 127.0.0.1:${port}`));
process.on("SIGTERM", () => process.exit(0));
