"use strict";
// As much of XMLHttpRequest and FileReader as the official client's build for
// browsers uses, on Node's http.

const http = require("node:http");

const agent = new http.Agent({ keepAlive: true });

class XMLHttpRequest {
  readyState = 0;
  status = 0;
  responseText = "";
  response = "";
  withCredentials = false;
  #request = null;
  #method;
  #url;
  #headers = {};

  open(method, url) {
    this.#method = method;
    this.#url = url;
    this.#change(1);
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  send(body = null) {
    const headers = { ...this.#headers };
    if (body !== null) headers["Content-Length"] = Buffer.byteLength(body);
    this.#request = http.request(this.#url, { method: this.#method, headers, agent }, (response) =>
      this.#receive(response),
    );
    this.#request.on("error", () => this.#finish(0, ""));
    this.#request.end(body);
  }

  abort() {
    const request = this.#request;
    this.#request = null;
    request?.destroy();
  }

  #receive(response) {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => this.#finish(response.statusCode, Buffer.concat(chunks).toString()));
    response.on("error", () => this.#finish(0, ""));
  }

  #finish(status, text) {
    if (this.#request === null) return; // aborted
    this.#request = null;
    this.status = status;
    this.response = this.responseText = text;
    this.#change(4);
  }

  #change(state) {
    this.readyState = state;
    this.onreadystatechange?.();
  }
}

class FileReader {
  readAsDataURL(blob) {
    blob.arrayBuffer().then((buffer) => {
      const base64 = Buffer.from(buffer).toString("base64");
      this.result = `data:application/octet-stream;base64,${base64}`;
      this.onload?.();
    });
  }
}

module.exports = { XMLHttpRequest, FileReader, agent };
