#!/usr/bin/env node
const { importModule, isBuilt, load } = require('./load.js');

const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  console.log(require('../package.json').version);
} else if (isBuilt()) {
  const { main, processIo, breadthOfScans, keepCode } = load();
  main(argv, processIo(process, importModule)).then((exitCode) => {
    process.exitCode = exitCode;
    // Only a scan has compiled what a scan needs.
    const breadth = breadthOfScans();
    if (breadth > 0) keepCode(breadth > 0.5);
  });
} else {
  console.error('vhd-preflight: dist/cli.cjs is missing; run "npm ci" or "npm run build" in this directory first');
  process.exitCode = 2;
}
