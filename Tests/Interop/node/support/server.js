"use strict";
// Servers as processes of their own: the test server (../../server), and the
// chat of the examples.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const readline = require("node:readline");
const { PATIENCE, patiently } = require("./patience.js");

class Server {
  #process;
  #answers = [];

  // Starts the test server with options; it ends with its standard input.
  static start(...options) {
    return new Server().#spawn(process.env.INTEROP_SERVER, options);
  }

  // Starts the server that is taught in Python: ../../server/scripted.py explains it.
  static async script(source = "", options = {}) {
    const { INTEROP_PYTHON, INTEROP_SCRIPTED } = process.env;
    const lines = source.split("\n");
    const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
    const text = lines.map((line) => line.slice(margin)).join("\n");
    const given = ["-B", INTEROP_SCRIPTED, JSON.stringify(options), text];
    return new Server().#spawn(INTEROP_PYTHON, given);
  }

  // The value of an expression at that server; rejects with what it raised: {error, text}.
  async run(expression) {
    this.#process.stdin.write(JSON.stringify(expression) + "\n");
    const line = await patiently(
      `answer to ${expression}`,
      (resolve) => this.#answers.push(resolve),
      2 * PATIENCE, // it may wait itself
    );
    const { value, ...failure } = JSON.parse(line);
    if (failure.error) throw Object.assign(new Error(failure.text || failure.error), failure);
    return value;
  }

  // The next thing that the source has kept with hear().
  heard() {
    return this.run("heard()");
  }

  static startChat() {
    const { INTEROP_CHAT, INTEROP_CHAT_PAGE, INTEROP_CLIENT } = process.env;
    const options = ["--port", 0, "--page", INTEROP_CHAT_PAGE, "--client", INTEROP_CLIENT];
    return new Server().#spawn(INTEROP_CHAT, options);
  }

  // The program's first line has its port: "PORT 3000", "http://localhost:3000".
  async #spawn(program, options) {
    this.#process = spawn(program, options.map(String), { stdio: ["pipe", "pipe", "inherit"] });
    const lines = readline.createInterface({ input: this.#process.stdout });
    const line = await patiently("line from the server", (resolve, reject) => {
      lines.once("line", (line) => {
        resolve(line);
        lines.on("line", (answer) => this.#answers.shift()?.(answer));
      });
      this.#process.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      this.#process.once("error", reject);
    });
    this.port = Number(/(?:PORT |:)(\d+)/.exec(line)[1]);
    this.url = `${options.includes("--tls") ? "https" : "http"}://127.0.0.1:${this.port}`;
    return this;
  }

  // Closes it in good order: resolves to its exit status.
  close() {
    return this.#end(() => this.#process.stdin.end());
  }

  // The same for the chat, which has no use for its standard input.
  terminate() {
    return this.#end(() => this.#process.kill("SIGTERM"));
  }

  async #end(ask) {
    const child = this.#process;
    if (child.exitCode !== null) return child.exitCode;
    // A client that does not answer may take five seconds.
    const killer = setTimeout(() => child.kill("SIGKILL"), 2 * PATIENCE);
    const exit = once(child, "exit");
    ask();
    const [code] = await exit;
    clearTimeout(killer);
    return code;
  }

  freeze() {
    this.#process.kill("SIGSTOP");
  }

  thaw() {
    this.#process.kill("SIGCONT");
  }
}

module.exports = { Server };
