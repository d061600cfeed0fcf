// Builds dist: the command line as one classic script, which bin/load.js starts with a code cache, and the library as
// plain modules with types.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  alias: {
    assert: './scripts/assert.js',
    'node:module': './scripts/module.js',
    'node:process': './scripts/process.js',
    'string-width': './scripts/help-width.js',
  },
  define: {
    'import.meta.url': 'bundleUrl',
    // yargs is told the width; asking the stream would load all of Node's streams.
    'process.stdout.columns': 'undefined',
  },
  // One expression, the function that bin/load.js calls, as Node wraps a module of this kind itself.
  banner: {
    js: '(function (exports, require, module, __filename, __dirname) { const bundleUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: '})' },
  bundle: true,
  // What few runs need is left to be loaded from its package then.
  external: ['globby', 'lz4js', 'seek-bzip', 'xz-decompress'],
  // By require, which Node 20.19 can do for modules too: a script whose compiled code comes from a cache cannot import.
  supported: { 'dynamic-import': false },
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // Less to read at every start.
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
});

// By which bin/load.js knows the compiled code of this very bundle.
const bundle = readFileSync(`${root}/dist/cli.cjs`);
const mark = createHash('sha256').update(bundle).digest('hex').slice(0, 16);
writeFileSync(`${root}/dist/cli.cjs`, `/*${mark}*/${bundle.toString('latin1')}`, 'latin1');
// Whatever an earlier version left would be published with the rest.
for (const name of readdirSync(`${root}/dist`))
  if (!/^cli\.cjs(\.LEGAL\.txt)?$/.test(name)) rmSync(`${root}/dist/${name}`, { recursive: true, force: true });

const compiler = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: root, stdio: 'inherit' });
process.exitCode = compiler.status ?? 1;
