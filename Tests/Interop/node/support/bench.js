"use strict";
// A test with a server and clients of its own, which end with it.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Clients, MODES } = require("./client.js");
const { Server } = require("./server.js");

const TIMEOUT = 30_000;

// `body` gets {server, clients, serve}; serve(...options) starts more servers.
function withServer(name, options, body) {
  test(name, { timeout: TIMEOUT }, async () => {
    const clients = new Clients();
    const servers = [];
    const serve = async (...more) => {
      const server = await Server.start(...more);
      servers.push(server);
      return server;
    };
    try {
      await body({ server: await serve(...options), clients, serve });
    } finally {
      clients.close();
      const codes = await Promise.all(servers.map((server) => server.close()));
      assert.deepEqual(codes, servers.map(() => 0), "the servers end well");
    }
  });
}

// The same for each way of transport.
function inEachMode(name, options, body) {
  for (const mode of Object.keys(MODES)) {
    withServer(`${name} (${mode})`, options, (bench) => body({ ...bench, mode }));
  }
}

module.exports = { inEachMode, withServer };
