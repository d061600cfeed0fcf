// Stands in for the module node:assert when the command line is bundled: yargs checks its own state with these two, and
// the real module opens standard error to learn about its colours.
export function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) throw new Error(message ?? `expected ${expected}, got ${actual}`);
}

export function notStrictEqual(actual, unwanted, message) {
  if (Object.is(actual, unwanted)) throw new Error(message ?? `expected anything but ${unwanted}`);
}
