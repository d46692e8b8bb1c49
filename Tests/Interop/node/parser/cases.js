"use strict";
// Socket.IO packets to be judged: a table, and mutations of it that a seed
// decides. A case is an array of frames: text, or bytes for an attachment.

const P = (num) => `{"_placeholder":true,"num":${num}}`;
const nested = (depth) => `2/mirror,["x",${"[".repeat(depth)}${"]".repeat(depth)}]`;

const TABLE = [
  // Types and namespaces
  "0", "0{}", '0{"a":1}', "0/chat", "0/chat,", '0/chat,{"token":"x"}', "0/nowhere,", "0/nowhere?a=b,",
  "0[]", '0"text"', "0null", "0true", "00", "0/chat,0", "0/mirror,",
  "1", "1/mirror", "1/mirror,", "1/nowhere,", '1{"a":1}', "1[]", "1/mirror,null",
  '4"error"', '4{"message":"x"}', "4", "4[]",
  "7", "9[]", "a", " ", "", '-1["a"]', '2/nowhere,["a"]', '2/mirror["a"]', "2/mirror",
  // Events
  '2["a"]', '2/mirror,["a"]', '2/mirror,["a",1,{"b":[null,true,false]}]', '2/mirror,7["a"]',
  '2/mirror,0["a"]', '2/mirror,007["a"]', '2/mirror,[""]', '2/mirror,[5,"x"]', '2/mirror,[-1.5e3]',
  "2/mirror,[]", "2/mirror,[null]", "2/mirror,[true]", "2/mirror,[[]]", "2/mirror,[{}]", "2/mirror,{}",
  '2/mirror,"a"', "2/mirror,null", "2/mirror,1", "2/mirror,12", "2/mirror,", "2", "21",
  '2/mirror, ["a"]', '2/mirror,["a"] ', '2/mirror,\t\n\r["a"]', '2/mirror,[ "a" , 1 ]',
  '2/mirror,9007199254740991["a"]', '2/mirror,9007199254740992["a"]',
  '2/mirror,123456789012345678901234567890["a"]',
  // Reserved names
  ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map(
    (name) => `2/mirror,["${name}"]`,
  ),
  '2/mirror,["error"]', '2/mirror,["connection"]', '2/mirror,["Connect"]',
  '2/mirror,["\\u0063onnect"]', '2/mirror,["disconnec\\u0074",1]',
  // JSON
  '2/mirror,["a","\\ud83d\\ude00 \\u00e9 é 漢字 😀"]', '2/mirror,["a","\\ud800"]', '2/mirror,["\\ud800"]',
  '2/mirror,["a",1e400,-0,0.1,1E+2,123456789012345678901234567890]',
  '2/mirror,["a",01]', '2/mirror,["a",1.]', '2/mirror,["a",.5]', '2/mirror,["a",+1]', '2/mirror,["a",0x1]',
  '2/mirror,["a",NaN]', '2/mirror,["a",Infinity]', '2/mirror,["a",]', '2/mirror,["a"', '2/mirror,["a"]]',
  '2/mirror,["a"],', "2/mirror,['a']", '2/mirror,["a\u0001"]', '2/mirror,["a","\t"]', '2/mirror,["a","\\x"]',
  '2/mirror,["a","\\u12"]', '2/mirror,["a",{"b":1,"b":2}]', '2/mirror,["a",{"__proto__":1}]',
  '2/mirror,["a",{b:1}]', '2/mirror,["a",{"b":1,}]', '2/mirror,["a",tru]', '2/mirror,["a"/**/]',
  '2/mirror,\ufeff["a"]', '2/mirror,["a","\u2028\u2029\u007f"]', '2/mirror,["a","\\/\\b\\f\\n\\r\\t\\"\\\\"]',
  nested(10), nested(500), nested(600), nested(5000),
  `2/mirror,["a",${P(0)}]`, '2/mirror,["a",{"_placeholder":true}]',
  // Acknowledgements
  "3", "3[]", "30[]", "31[1,2]", "3/mirror,5[]", "3/mirror,5", "3/mirror,5{}", "30null", '30"a"',
  "3/nowhere,5[]", "399999999999999999999[]",
  // Binary
  `51-/mirror,["a",${P(0)}]`, `52-/mirror,3["a",{"x":[${P(1)},${P(0)}]}]`, `51-["a",${P(0)}]`,
  `50-/mirror,["a"]`, '5-/mirror,["a"]', '5/mirror,["a"]', `51/mirror,["a",${P(0)}]`,
  `51e0-/mirror,["a",${P(0)}]`, `501-/mirror,["a",${P(0)}]`, `5-1-/mirror,["a",${P(0)}]`,
  `5+1-/mirror,["a",${P(0)}]`, `5 1-/mirror,["a",${P(0)}]`, `50x1-/mirror,["a",${P(0)}]`,
  `51.0-/mirror,["a",${P(0)}]`, `51.5-/mirror,["a",${P(0)}]`, '5NaN-/mirror,["a"]', '5Infinity-/mirror,["a"]',
  `51-/mirror,["a",${P(1)}]`, `51-/mirror,["a",${P(-1)}]`, `51-/mirror,["a",${P('"0"')}]`,
  `51-/mirror,["a",${P(0.5)}]`, `51-/mirror,["a",${P("null")}]`, '51-/mirror,["a",{"_placeholder":true}]',
  '51-/mirror,["a"]', `51-/mirror,["a",${P(0)},${P(0)}]`, `52-/mirror,["a",${P(0)}]`,
  `51-/mirror,["a",{"_placeholder":false,"num":0}]`, `51-/mirror,["a",{"_placeholder":"true","num":0}]`,
  `51-/mirror,["a",{"num":0,"_placeholder":true,"more":1}]`, `51-/mirror,[${P(0)}]`,
  `510-/mirror,["a",${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(P)}]`, `511-/mirror,["a",${P(10)}]`,
  `51000000000000-/mirror,["a",${P(0)}]`, '51-/mirror,["connect"]', "51-/mirror,[]", "51-/mirror,{}",
  `61-/mirror,5[${P(0)}]`, "60-/mirror,5[]", "6-/mirror,5[]", `61-5[${P(0)}]`, "61-/mirror,5{}",
].map((text) => (/^[56]/.test(text) ? complete(text) : [text]));

// Sequences that no single packet makes.
const byte = Buffer.of(1);
const SEQUENCES = [
  [byte],
  ['2/mirror,["a"]', byte],
  [`51-/mirror,["a",${P(0)}]`, '2/mirror,["b"]'],
  [`51-/mirror,["a",${P(0)}]`, byte, byte],
  [`52-/mirror,["a",${P(0)}]`, byte],
  [`51-/mirror,["a",${P(0)}]`, byte, `51-/mirror,["b",${P(0)}]`, byte],
  ['2/mirror,["a"]', '2/mirror,["b"]', "3/mirror,1[]"],
  ["1/mirror,", '2/mirror,["a"]'],
  ["1/mirror,", "0/mirror,", '2/mirror,["a"]'],
  ["1", "1/mirror,"],
  ["1", "1"],
  ["0/chat,", "0/chat,"],
];

// A binary packet with as many attachments as Node would wait for.
function complete(text) {
  const match = /^[56]([^-]*)-/.exec(text);
  const count = match ? Number(match[1]) : 0;
  const wanted = Number.isInteger(count) && count > 0 && count <= 12 ? count : 0;
  return [text, ...Array.from({ length: wanted }, (_, i) => Buffer.of(i))];
}

// mulberry32
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ALPHABET = [...'0123456789-/,[]{}":.eE+ tnu\\ax\u00e9\u0000', "null", "true", '"_placeholder"', '"num"'];

function* mutations(seed, count) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const short = TABLE.map(([text]) => text).filter((text) => text.length < 200);
  for (let i = 0; i < count; i++) {
    let text = pick(short);
    for (let edits = 1 + Math.floor(next() * 3); edits > 0; edits--) {
      const at = Math.floor(next() * (text.length + 1));
      const rest = pick(["", pick(ALPHABET), pick(ALPHABET), pick(short).slice(Math.floor(next() * 20))]);
      text = text.slice(0, at) + rest + text.slice(at + Math.floor(next() * 3));
    }
    text = Buffer.from(text).toString(); // no half characters
    yield complete(text);
  }
}

module.exports = { TABLE, SEQUENCES, mutations };
