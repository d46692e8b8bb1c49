"use strict";
// The test server (../../server), or another program that prints "PORT n", as a
// process of its own.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const readline = require("node:readline");
const { patiently } = require("./patience.js");

class Server {
  #process;

  static async start(...options) {
    const server = new Server();
    await server.#spawn(process.env.INTEROP_SERVER, options.map(String));
    return server;
  }

  async #spawn(program, options) {
    this.#process = spawn(program, options, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = readline.createInterface({ input: this.#process.stdout });
    const line = await patiently("line from the server", (resolve, reject) => {
      lines.once("line", resolve);
      this.#process.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      this.#process.once("error", reject);
    });
    this.port = Number(line.split(" ")[1]);
    this.url = `http://127.0.0.1:${this.port}`;
  }

  // Closes it in good order: resolves to its exit status.
  async close() {
    const child = this.#process;
    if (child.exitCode !== null) return child.exitCode;
    const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
    child.stdin.end();
    const [code] = await once(child, "exit");
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
