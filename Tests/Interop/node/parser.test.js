"use strict";
// Our parser against Node's: Debian's socket.io-parser, and the newer one that is
// inside the official client. The same packets go to all; they must agree on
// whether the connection survives, and on what the application gets.

const assert = require("node:assert/strict");
const { inspect, isDeepStrictEqual } = require("node:util");
const { withServer } = require("./support/bench.js");
const { io } = require("./support/client.js");
const { TABLE, SEQUENCES, mutations } = require("./parser/cases.js");
const ours = require("./parser/connection.js");
const reference = require("./parser/reference.js");
const { explain } = require("./parser/differences.js");

const OldDecoder = require("socket.io-parser").Decoder;
const NewDecoder = new io.Manager("", { autoConnect: false }).decoder.constructor;

const SEED = Number(process.env.INTEROP_SEED ?? 5);
const MUTATIONS = Number(process.env.INTEROP_MUTATIONS ?? 3000);
const AT_ONCE = 16;

async function compare(server, frames) {
  const result = await ours.judge(server, NewDecoder, frames);
  for (const [name, Decoder] of [["4.2.1", OldDecoder], ["the client's", NewDecoder]]) {
    const expected = reference.judge(Decoder, frames);
    // Of what came before the end, only the surviving connection tells.
    const agree = expected.open
      ? result.open && isDeepStrictEqual(comparable(result.seen), comparable(expected.seen))
      : !result.open;
    if (agree || explain(frames, result, Decoder === OldDecoder)) continue;
    const show = (value) =>
      inspect(value, { depth: 8, breakLength: Infinity, compact: 100, maxStringLength: 120 });
    return `${show(frames)}\n    ours: ${show(result)}\n    ${name}: ${show(expected)}`;
  }
  return null;
}

function comparable(seen) {
  return seen.map(([name, reply, args]) => [
    name !== "" && !Number.isNaN(Number(name)) ? reference.NUMBER : name,
    reply,
    plain(args),
  ]);
}

// Bytes come as Buffer or ArrayBuffer.
function plain(value) {
  if (ArrayBuffer.isView(value)) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

async function compareAll(server, cases) {
  const wrong = [];
  const queue = cases[Symbol.iterator]();
  const work = async () => {
    for (const frames of queue) {
      const difference = await compare(server, frames);
      if (difference) wrong.push(difference);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.equal(wrong.length, 0, `${wrong.length} differences:\n${wrong.slice(0, 40).join("\n")}`);
}

const options = ["--max-size", 100_000];
withServer("a table of packets", options, ({ server }) => compareAll(server, TABLE));
withServer("sequences of frames", options, ({ server }) => compareAll(server, SEQUENCES));
withServer(`${MUTATIONS} mutations of seed ${SEED}`, options, ({ server }) =>
  compareAll(server, mutations(SEED, MUTATIONS)),
);
