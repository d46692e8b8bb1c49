"use strict";
// Waiting, but not for ever.

const PATIENCE = 5_000;

function patiently(what, executor, patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what}`)), patience);
  });
  return Promise.race([new Promise(executor), late]).finally(() => clearTimeout(timer));
}

module.exports = { PATIENCE, patiently };
