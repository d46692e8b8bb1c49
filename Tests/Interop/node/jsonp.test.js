"use strict";
// JSONP in a browser: a page whose only means are <script> and <form>, as the
// clients of Socket.IO 2 had them where nothing else worked.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { Chromium } = require("./support/chromium.js");
const { Server } = require("./support/server.js");

let browser, server, other;

before(async () => {
  [browser, server, other] = await Promise.all([
    Chromium.start(),
    ...[0, 1].map(() => Server.start("--client", process.env.INTEROP_CLIENT)),
  ]);
});

after(async () => {
  await browser?.close();
  const codes = await Promise.all([server, other].map((each) => each?.close()));
  assert.deepEqual(codes, [0, 0]);
});

// Runs in the page: a session of `revision` at `url`, with get() and post().
function jsonp(url, revision) {
  const callbacks = (globalThis.___eio ??= []);
  const base = `${url}/socket.io/?EIO=${revision}&transport=polling`;
  const session = { sid: null };
  const index = callbacks.push((payload) => arrived(decode(payload))) - 1; // the session's, for all its polls
  const target = () => `${base}&j=${index}${session.sid ? `&sid=${session.sid}` : ""}`;
  let arrived, forms = 0;

  // Packets of revision 3 stand behind their lengths, in units of JavaScript's.
  const encode = (packet) => (revision === 3 ? `${packet.length}:${packet}` : packet);
  const decode = (payload) => {
    if (revision === 4) return payload.split("\x1e");
    const packets = [];
    while (payload) {
      const colon = payload.indexOf(":");
      const end = colon + 1 + Number(payload.slice(0, colon));
      packets.push(payload.slice(colon + 1, end));
      payload = payload.slice(end);
    }
    return packets;
  };

  session.get = () =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      arrived = resolve;
      script.src = target();
      script.onload = () => script.remove();
      script.onerror = () => reject(new Error("refused"));
      document.head.append(script);
    });

  session.post = (packet) =>
    new Promise((resolve) => {
      const [form, area, frame] = ["form", "textarea", "iframe"].map((tag) => document.createElement(tag));
      frame.name = form.target = `frame${index}-${forms++}`;
      Object.assign(form, { method: "POST", action: target(), acceptCharset: "utf-8" });
      area.name = "d";
      area.value = encode(packet).replaceAll("\\n", "\\\\n");
      form.append(area);
      document.body.append(frame, form);
      form.submit();
      frame.onload = () => {
        const answer = frame.contentDocument.body.textContent;
        if (answer) resolve(answer);
      };
    });

  session.open = async () => {
    const [packet] = await session.get();
    session.sid = JSON.parse(packet.slice(1)).sid;
    return packet[0];
  };
  return session;
}

const start = (tab, revision) =>
  tab.run(`(globalThis.session = (${jsonp})(${JSON.stringify(server.url)}, ${revision})).open()`);

for (const revision of [3, 4]) {
  test(`handshake, events both ways, the end (revision ${revision})`, { timeout: 120_000 }, async () => {
    const tab = await browser.open(server.url);
    assert.equal(await start(tab, revision), "0");
    if (revision === 4) assert.equal(await tab.run('session.post("40")'), "ok");
    const joined = await tab.run("session.get()");
    assert.equal(joined.shift().slice(0, 2), "40");
    const welcome = joined.length > 0 ? joined : await tab.run("session.get()");
    assert.match(welcome[0], /^42\["welcome",/);

    const text = 'é€😀\u2028 </script> "quoted" \\ and\ntwo lines';
    const event = JSON.stringify(["echo", text]);
    assert.equal(await tab.run(`session.post(${JSON.stringify("42" + event)})`), "ok");
    const [echo] = await tab.run("session.get()");
    assert.deepEqual(JSON.parse(echo.slice(2)), ["echo", text]);

    assert.equal(await tab.run(`session.post('420["echo",7]')`), "ok");
    assert.deepEqual(await tab.run("session.get()"), ["430[7]"]);

    assert.equal(await tab.run('session.post("1")'), "ok");
    await assert.rejects(tab.run("session.get()"), /refused/);
    await tab.close();
  });

  test(`a page of another origin gets nothing (revision ${revision})`, { timeout: 120_000 }, async () => {
    const tab = await browser.open(other.url);
    await assert.rejects(start(tab, revision), /refused/);
    await tab.close();
  });
}
