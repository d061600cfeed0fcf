// Builds dist: the command line as two classic scripts, which bin/load.js starts with a code cache, and the library as
// plain modules with types.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { bundleCommandLine } from './bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}/dist`;

await bundleCommandLine(root);
// Whatever an earlier version left would be published with the rest.
for (const name of readdirSync(dist))
  if (!/^(?:cli\.cjs(?:\.LEGAL\.txt)?|later\.cjs)$/.test(name))
    rmSync(`${dist}/${name}`, { recursive: true, force: true });

const compiler = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: root, stdio: 'inherit' });
process.exitCode = compiler.status ?? 1;
