"use strict";
// The official client where it belongs: in a browser, with its rules about
// origins.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const fs = require("node:fs");
const http = require("node:http");
const { Clients, MODES, next } = require("./support/client.js");
const { Chromium } = require("./support/chromium.js");
const { Server } = require("./support/server.js");
const { patiently } = require("./support/patience.js");

let browser;
let elsewhere; // serves a page of another origin
const servers = [];

const serve = async (...options) => {
  const server = await Server.start("--client", process.env.INTEROP_CLIENT, ...options);
  servers.push(server);
  return server;
};

before(async () => {
  browser = await Chromium.start();
  elsewhere = http.createServer((request, response) => {
    const isScript = request.url === "/client.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? fs.readFileSync(process.env.INTEROP_CLIENT) : '<script src="/client.js"></script>');
  });
  await patiently("port", (resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  elsewhere.url = `http://127.0.0.1:${elsewhere.address().port}`;
});

after(async () => {
  await browser?.close();
  elsewhere?.close();
  elsewhere?.closeAllConnections();
  const codes = await Promise.all(servers.map((server) => server.close()));
  assert.deepEqual(codes, servers.map(() => 0));
});

const browserTest = (name, body) => test(name, { timeout: 120_000 }, body);

// Connects in a tab: "connect", or the message of the connect_error. If both
// transports are allowed, waits for the upgrade.
function connect(tab, url, options) {
  const upgrades = options.transports?.length !== 1;
  return tab.run(`new Promise((resolve) => {
    globalThis.socket = io(${JSON.stringify(url)}, ${JSON.stringify({ reconnection: false, ...options })});
    socket.on("connect", () => {
      const { engine } = socket.io;
      const isDone = !${upgrades} || engine.transport.name === "websocket";
      isDone ? resolve("connect") : engine.on("upgrade", () => resolve("connect"));
    });
    socket.on("connect_error", (error) => resolve(error.message));
  })`);
}

for (const [mode, transports] of Object.entries(MODES)) {
  browserTest(`echo from a page of the same origin (${mode})`, async () => {
    const server = await serve();
    const tab = await browser.open(server.url);
    assert.equal(await connect(tab, server.url, { transports }), "connect");
    const transport = await tab.run("socket.io.engine.transport.name");
    assert.equal(transport, mode === "polling" ? "polling" : "websocket");
    const echo = await tab.run(`
      socket.emitWithAck("echo", { a: [new Uint8Array([0, 255]), "é"] })
        .then(({ a: [bytes, text] }) => [[...new Uint8Array(bytes)], text])`);
    assert.deepEqual(echo, [[0, 255], "é"]);
    await tab.close();
  });

  browserTest(`a page of a foreign origin is refused (${mode})`, async () => {
    const server = await serve();
    const tab = await browser.open(elsewhere.url);
    const error = await connect(tab, server.url, { transports });
    assert.match(error, mode === "websocket" ? /websocket error/ : /xhr poll error/);
    await tab.close();
  });

  browserTest(`... and welcome when it is configured (${mode})`, async () => {
    const server = await serve("--origin", "https://example.com", "--origin", elsewhere.url);
    const tab = await browser.open(elsewhere.url);
    assert.equal(await connect(tab, server.url, { transports }), "connect");
    assert.equal(await tab.run('socket.emitWithAck("echo", 1)'), 1);
    await tab.close();
  });
}

// What the server asks for, and what the browser has agreed to.
const DEFLATE = [
  [[], ""],
  [["--server-no-takeover"], "; server_no_context_takeover"],
  [["--client-no-takeover"], "; client_no_context_takeover"],
  [["--server-window", 9], "; server_max_window_bits=9"],
  [["--client-window", 10], "; client_max_window_bits=10"],
  [["--deflate-threshold", 1], ""],
];

for (const [wish, agreed] of DEFLATE) {
  browserTest(`permessage-deflate ${wish.join(" ")}`, async () => {
    const server = await serve("--deflate", ...wish);
    const tab = await browser.open(server.url);
    assert.equal(await connect(tab, server.url, { transports: ["websocket"] }), "connect");
    const extensions = await tab.run("socket.io.engine.transport.ws.extensions");
    assert.equal(extensions, "permessage-deflate" + agreed);
    const wrong = await tab.run(`(async () => {
      const texts = ["x", "again and ".repeat(500), "é漢字👩".repeat(3000)];
      const wrong = [];
      for (const text of [...texts, ...texts]) {
        if ((await socket.emitWithAck("echo", text)) !== text) wrong.push(text.length);
        const bytes = new Uint8Array(await socket.emitWithAck("echo", new TextEncoder().encode(text)));
        if (new TextDecoder().decode(bytes) !== text) wrong.push(bytes.length);
      }
      return wrong;
    })()`);
    assert.deepEqual(wrong, []);
    await tab.close();
  });
}

browserTest("without permessage-deflate", async () => {
  const server = await serve();
  const tab = await browser.open(server.url);
  assert.equal(await connect(tab, server.url, { transports: ["websocket"] }), "connect");
  assert.equal(await tab.run("socket.io.engine.transport.ws.extensions"), "");
  await tab.close();
});

browserTest("any origin", async () => {
  const server = await serve("--origin", "*");
  const tab = await browser.open(elsewhere.url);
  assert.equal(await connect(tab, server.url, {}), "connect");
  await tab.close();
});

browserTest("a foreign origin with credentials and a header of its own", async () => {
  const server = await serve("--origin", elsewhere.url, "--credentials");
  const tab = await browser.open(elsewhere.url);
  const options = { withCredentials: true, extraHeaders: { "X-Test": "yes" } };
  assert.equal(await connect(tab, server.url, options), "connect");
  const details = await tab.run('socket.emitWithAck("handshake")');
  assert.equal(details.headers["x-test"], "yes");
  assert.equal(details.headers.origin, elsewhere.url);
  assert.equal(details.xdomain, 1);
  await tab.close();
});

browserTest("a tab that is closed", async () => {
  const server = await serve();
  const clients = new Clients();
  try {
    const watcher = await clients.connect(server, "websocket", { path: "/watch" });
    const tab = await browser.open(server.url);
    await connect(tab, server.url, {});
    const id = await tab.run("socket.id");
    const gone = next(watcher, "gone");
    await tab.close();
    assert.deepEqual(await gone, ["/", id, "transport close"]);
  } finally {
    clients.close();
  }
});

browserTest("the chat: two tabs talk", async () => {
  const chat = await Server.startChat();
  try {
    const [ann, bob] = await Promise.all(["Ann", "Bob"].map((name) => enter(chat.url, name)));
    for (const tab of [ann, bob]) {
      await tab.until('document.querySelectorAll("#people li").length === 2');
      await tab.until('socket.io.engine.transport.name === "websocket"');
    }
    await say(ann, "Hello <b>Bob</b>");
    await bob.until(`document.querySelector("#log").textContent.includes("Hello <b>Bob</b>")`);
    await say(bob, "Привет, Ann 👋");
    await ann.until(`document.querySelector("#log").textContent.includes("Привет, Ann 👋")`);
    await bob.close();
    await ann.until('document.querySelectorAll("#people li").length === 1');
    await ann.close();
  } finally {
    assert.equal(await chat.terminate(), 0);
  }
});

async function enter(url, name) {
  const tab = await browser.open(url);
  await tab.run(`
    document.querySelector("#nick").value = ${JSON.stringify(name)};
    document.querySelector("#room").value = "interop";
    document.querySelector("#enter").requestSubmit();`);
  return tab;
}

async function say(tab, text) {
  await tab.until('!document.querySelector("#text").disabled');
  await tab.run(`
    document.querySelector("#text").value = ${JSON.stringify(text)};
    document.querySelector("#text").dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector("#say").requestSubmit();`);
}
