#!/usr/bin/env node
const { importModule, isBuilt, kindOf, load } = require('./load.js');

const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  console.log(require('../package.json').version);
} else if (isBuilt()) {
  const { main, processIo, breadthOfScans, keepCode } = load(kindOf(argv));
  const io = processIo(process, importModule);
  main(argv, io).then((exitCode) => {
    process.exitCode = exitCode;
    // Only a scan has compiled what a scan needs.
    const breadth = breadthOfScans();
    if (breadth > 0) keepCode(breadth > 0.5);
    // Node would first give back its memory page by page, which takes a twentieth of a short scan.
    if (io.isFlushed()) process.exit();
  });
} else {
  console.error('vhd-preflight: dist/cli.cjs is missing; run "npm ci" or "npm run build" in this directory first');
  process.exitCode = 2;
}
