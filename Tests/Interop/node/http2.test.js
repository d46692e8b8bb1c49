"use strict";
// The official client in a browser that speaks HTTP/2: polls on streams of one
// connection, and WebSockets beside them on the same one (RFC 8441).

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { MODES } = require("./support/client.js");
const { Chromium } = require("./support/chromium.js");
const { Server } = require("./support/server.js");

let browser;
let server;
let folder;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "interop-http2-"));
  const pem = path.join(folder, "both.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pem];
  const certificate = execFileSync(
    "openssl",
    ["req", "-x509", "-days", "2", "-subj", "/CN=interop", "-addext", "subjectAltName=IP:127.0.0.1", ...key],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  fs.appendFileSync(pem, certificate);
  server = await Server.start("--client", process.env.INTEROP_CLIENT, "--tls", pem);
  browser = await Chromium.start("--ignore-certificate-errors");
});

after(async () => {
  await browser?.close();
  const code = await server?.close();
  fs.rmSync(folder, { recursive: true, force: true });
  assert.equal(code, 0);
});

for (const [mode, transports] of Object.entries(MODES)) {
  test(`echo over HTTP/2 (${mode})`, { timeout: 120_000 }, async () => {
    const tab = await browser.open(server.url);
    const isConnected = await tab.run(`new Promise((resolve) => {
      globalThis.socket = io(${JSON.stringify({ transports, reconnection: false })});
      socket.on("connect", () => resolve(true));
      socket.on("connect_error", (error) => resolve(error.message));
    })`);
    assert.equal(isConnected, true);
    const last = mode === "polling" ? "polling" : "websocket";
    await tab.until(`socket.io.engine.transport.name === "${last}"`);
    const echo = await tab.run(`
      socket.emitWithAck("echo", { a: [new Uint8Array([0, 255]), "é".repeat(100_000)] })
        .then(({ a: [bytes, text] }) => [[...new Uint8Array(bytes)], text.length])`);
    assert.deepEqual(echo, [[0, 255], 100_000]);
    const protocols = await tab.run(`
      [...new Set(performance.getEntries().map((entry) => entry.nextHopProtocol).filter(Boolean))]`);
    assert.deepEqual(protocols, ["h2"]);
    if (mode === "websocket") {
      // A WebSocket of HTTP/1.1 would have shown a key.
      const { headers } = await tab.run('socket.emitWithAck("handshake")');
      assert.equal(headers["sec-websocket-version"], "13");
      assert.equal(headers["sec-websocket-key"], undefined);
    }
    await tab.close();
  });
}
