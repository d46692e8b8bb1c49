"use strict";
// Chromium without a head, driven over its debugging protocol.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { NodeWebSocket } = require("./websocket.js");
const { patiently } = require("./patience.js");

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--no-first-run",
  "--no-proxy-server",
  "--remote-debugging-port=0",
];
const STARTING = 60_000; // a cold start on a busy machine
const ANSWERING = 30_000;

class Chromium {
  #process;
  #socket;
  #profile = fs.mkdtempSync(path.join(os.tmpdir(), "interop-chromium-"));
  #calls = new Map();
  #lastCall = 0;

  static async start(...flags) {
    const browser = new Chromium();
    await browser.#start(flags);
    return browser;
  }

  async #start(more) {
    const flags = [...FLAGS, ...more, `--user-data-dir=${this.#profile}`, "about:blank"];
    this.#process = spawn("chromium", flags, { stdio: ["ignore", "ignore", "pipe"] });
    const lines = readline.createInterface({ input: this.#process.stderr });
    const url = await patiently(
      "debugging port of chromium",
      (resolve, reject) => {
        lines.on("line", (line) => {
          const match = /^DevTools listening on (ws:.*)$/.exec(line);
          if (match) resolve(match[1]);
        });
        this.#process.once("exit", (code) => reject(new Error(`chromium ended with ${code}`)));
        this.#process.once("error", reject);
      },
      STARTING,
    );
    this.#socket = new NodeWebSocket(url, { perMessageDeflate: false });
    this.#socket.on("message", (data) => this.#receive(JSON.parse(data)));
    await once(this.#socket, "open");
  }

  #receive({ id, result, error }) {
    const call = this.#calls.get(id);
    if (!call) return; // an event
    this.#calls.delete(id);
    if (error) call.reject(new Error(error.message));
    else call.resolve(result);
  }

  call(method, params = {}, sessionId = undefined) {
    const id = ++this.#lastCall;
    return patiently(
      `answer to ${method} ${params.expression ?? ""}`,
      (resolve, reject) => {
        this.#calls.set(id, { resolve, reject });
        this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
      },
      ANSWERING,
    );
  }

  // A tab that has loaded `url`.
  async open(url) {
    const { targetId } = await this.call("Target.createTarget", { url });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, targetId, sessionId);
    await tab.until(`location.href !== "about:blank" && document.readyState === "complete"`);
    return tab;
  }

  async close() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, "exit");
      this.call("Browser.close").catch(() => {});
      const killer = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
      await exit;
      clearTimeout(killer);
    }
    this.#socket?.terminate();
    fs.rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

class Tab {
  #browser;
  #targetId;
  #sessionId;

  constructor(browser, targetId, sessionId) {
    this.#browser = browser;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
  }

  // The value of an expression, or of the promise that it is.
  async run(expression) {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#browser.call("Runtime.evaluate", params, this.#sessionId);
    if (answer.exceptionDetails) {
      const { text, exception } = answer.exceptionDetails;
      throw new Error(`${expression}: ${exception?.description ?? text}`);
    }
    return answer.result.value;
  }

  // Waits until an expression is true.
  until(expression) {
    let isOver = false;
    const poll = async (resolve, reject) => {
      while (!isOver) {
        if (await this.run(expression).catch(() => false)) return resolve();
        await new Promise((next) => setTimeout(next, 20));
      }
      reject(new Error("over"));
    };
    return patiently(expression, poll, ANSWERING).finally(() => (isOver = true));
  }

  async close() {
    await this.#browser.call("Target.closeTarget", { targetId: this.#targetId });
  }
}

module.exports = { Chromium };
