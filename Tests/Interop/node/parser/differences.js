"use strict";
// Where our server decides otherwise than Node, and why. Each entry says which
// cases it is about (by the first frame), and which way they differ: `ours` is
// what our server does, "closes", "stays" or "either".

const RESERVED = /^[25][^[]*\[\s*"(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"/;

function depth(text) {
  let deepest = 0;
  let now = 0;
  for (const c of text) {
    if (c === "[" || c === "{") deepest = Math.max(deepest, ++now);
    if (c === "]" || c === "}") now--;
  }
  return deepest;
}

// The digits, if any, where an acknowledgement's id stands.
const id = (text) => /^[23](?:\/[^,]*,)?(\d+)/.exec(text)?.[1] ?? /^[56]\d*-(?:\/[^,]*,)?(\d+)/.exec(text)?.[1] ?? "0";

// For both of Node's decoders, old and new.
const ALWAYS = [
  {
    reason: "an event without a name, or bytes without a payload: Node dispatches nothing (12.2, 5)",
    ours: "closes",
    matches: (text) => /^(2|[56][^-]*-)(\/[^,]*(,|$))?[\d\s]*$/.test(text),
  },
  {
    reason: "no attachments, 50-[..], is an event: Node's decoder stays stuck (12.4)",
    ours: "stays",
    matches: (text) => /^[56]0-/.test(text),
  },
  {
    reason: "JSON deeper than 512 is refused: no stack is spent on it (27)",
    ours: "closes",
    matches: (text) => depth(text) > 512,
  },
  {
    reason: "more than 10 attachments are refused, as current parsers do (12.2, 2)",
    ours: "closes",
    matches: (text) => Number(/^[56](\d+)-/.exec(text)?.[1]) > 10,
  },
  {
    reason: "an id beyond 2^53 would be answered with another number (12.2, 4)",
    ours: "closes",
    matches: (text) => Number(id(text)) > Number.MAX_SAFE_INTEGER,
  },
  {
    reason: "the number of attachments is digits: Node takes what JavaScript calls a number (12.2, 2)",
    ours: "closes",
    matches: (text) => /^[56]/.test(text) && !/^[56](0|[1-9]\d*)-/.test(text),
  },
  {
    reason: "a packet's type is a digit: Node reads whitespace as 0 (12.2, 1)",
    ours: "closes",
    matches: (text) => /^\s/.test(text),
  },
  {
    reason: "whitespace is no id, and legal before JSON: Node reads it as 0 (12.2, 4)",
    ours: "either",
    matches: (text) => /^(\d|[56][^-]*-)(\/[^,]*,)?\d*\s/.test(text),
  },
  {
    reason: "a placeholder's number is an integer: Node puts undefined there (12.4)",
    ours: "closes",
    matches: (text) => /^[56]/.test(text) && /"num":\s*\d*\.\d/.test(text),
  },
];

// For Debian's, 4.2.1, which is older than the checks of 12.3 and 12.4.
const OLD = [
  {
    reason: "reserved names are refused by parsers from 4.2.3 on (12.3)",
    ours: "closes",
    matches: (text) => RESERVED.test(unescaped(text)),
  },
  {
    reason: "CONNECT takes an object only, from 4.2.3 on (12.3)",
    ours: "closes",
    matches: (text) => /^0(\/[^,]*,)?\d*\s*(\[|null)/.test(text),
  },
];

function unescaped(text) {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

// Why a difference is fine, or undefined.
function explain(frames, ours, isOld) {
  const [text] = frames;
  if (typeof text !== "string") return undefined;
  const verdict = ours.open ? "stays" : "closes";
  const entries = isOld ? [...ALWAYS, ...OLD] : ALWAYS;
  return entries.find((entry) => ["either", verdict].includes(entry.ours) && entry.matches(text))?.reason;
}

module.exports = { explain };
