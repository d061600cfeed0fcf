// Writes a tree of fixtures/roots or fixtures/demo to a directory: npm run fixture -- half-generalized DIR
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { materialize, readBaseTree } from '../dist/src/testing/index.js';

const roots = fileURLToPath(new URL('../fixtures/roots', import.meta.url));
const namesIn = (folder) =>
  readdirSync(`${roots}/${folder}`).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
const trees = new Map([
  ...namesIn('../demo').map((name) => [name, `../demo/${name}`]),
  ...namesIn('.').map((name) => [name, name]),
]);
const [name, directory] = process.argv.slice(2);
const tree = trees.get(name);

if (tree === undefined || directory === undefined) {
  console.error(`usage: npm run fixture -- NAME DIR\nnames: ${[...trees.keys()].join(', ')}`);
  process.exitCode = 2;
} else if (existsSync(directory) && readdirSync(directory).length > 0) {
  console.error(`${directory}: is not empty`);
  process.exitCode = 2;
} else {
  mkdirSync(directory, { recursive: true });
  materialize(readBaseTree(roots, tree), directory);
}
