"use strict";
// What Node makes of a case: its decoder, and the rules of a server's connection
// with "/" and "/mirror" joined (protocol 15.4).

const KNOWN = ["/", "/chat", "/watch", "/mirror"];
const [CONNECT, DISCONNECT, EVENT, ACK, , BINARY_EVENT, BINARY_ACK] = [0, 1, 2, 3, 4, 5, 6];

// {open, seen}: whether the connection stays, and which events "/mirror" got,
// as [name, wants a reply, arguments].
function judge(Decoder, frames) {
  const joined = new Set(["/", "/mirror"]);
  const seen = [];
  let open = true;

  const decoder = new Decoder();
  decoder.on("decoded", ({ type, nsp, id, data }) => {
    if (type === CONNECT) {
      if (joined.has(nsp)) open = false;
      else if (KNOWN.includes(nsp)) joined.add(nsp);
      return;
    }
    if (!joined.has(nsp) || ![DISCONNECT, EVENT, ACK, BINARY_EVENT, BINARY_ACK].includes(type)) {
      open = false;
    } else if (type === DISCONNECT) {
      joined.delete(nsp);
    } else if ((type === EVENT || type === BINARY_EVENT) && nsp === "/mirror" && data !== undefined) {
      const [name, ...args] = data;
      seen.push([nameOf(name), id !== undefined, args]);
    }
  });

  try {
    for (const frame of [...frames, "0/probe,"]) if (open) decoder.add(frame);
  } catch {
    open = false;
  }
  return { open, seen };
}

// Names are UTF-8 text in C: a number as it was written, half characters replaced.
function nameOf(name) {
  return typeof name === "number" ? NUMBER : Buffer.from(name).toString();
}
const NUMBER = "a number";

module.exports = { NUMBER, judge };
