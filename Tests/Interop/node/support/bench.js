"use strict";
// A test with a server and clients of its own, which end with it.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Clients, MODES } = require("./client.js");
const { Server } = require("./server.js");

const TIMEOUT = 120_000;

// `body` gets {clients, serve, script}, which start servers of either kind.
function withServers(name, body) {
  test(name, { timeout: TIMEOUT }, async () => {
    const clients = new Clients();
    const servers = [];
    const keep = (starts) => async (...given) => {
      const server = await starts(...given);
      servers.push(server);
      return server;
    };
    try {
      await body({ clients, serve: keep(Server.start), script: keep(Server.script) });
    } finally {
      clients.close();
      const codes = await Promise.all(servers.map((server) => server.close()));
      assert.deepEqual(codes, servers.map(() => 0), "the servers end well");
    }
  });
}

// `body` gets {server, clients, serve}; serve(...options) starts more servers.
function withServer(name, options, body) {
  withServers(name, async (bench) => {
    await body({ ...bench, server: await bench.serve(...options) });
  });
}

// `body` gets {server, clients, script, mode}: a server that is taught in Python, for each way of
// transport.
function scripted(name, source, options, body) {
  for (const mode of Object.keys(MODES)) {
    withServers(`${name} (${mode})`, async (bench) => {
      await body({ ...bench, server: await bench.script(source, options), mode });
    });
  }
}

// The same for each way of transport.
function inEachMode(name, options, body) {
  for (const mode of Object.keys(MODES)) {
    withServer(`${name} (${mode})`, options, (bench) => body({ ...bench, mode }));
  }
}

module.exports = { inEachMode, scripted, withServer, withServers };
