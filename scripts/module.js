// Stands in for the module node:module when the command line is bundled. yargs asks it for a `require` of its own place,
// which the bundle has already; Node's own would load the loader of ES modules first.
export const createRequire = (from) =>
  from === import.meta.url ? require : process.getBuiltinModule('node:module').createRequire(from);
