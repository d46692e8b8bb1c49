"use strict";
// Waiting, but not for ever.

const PATIENCE = 15_000; // that anything may take on a busy machine

function patiently(what, executor, patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what}`)), patience);
  });
  return Promise.race([new Promise(executor), late]).finally(() => clearTimeout(timer));
}

// Waits for something that nobody is told of.
async function until(condition) {
  const end = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

module.exports = { PATIENCE, patiently, until };
