// Builds dist: the command line as one bundle, split so that each command loads only what it needs, and the library
// as plain modules with types.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli/main.ts', 'scan-worker': 'src/cli/scan-worker.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'cli-chunks/[name]-[hash]',
  alias: { 'string-width': './scripts/help-width.js', 'node:process': './scripts/process.js' },
  bundle: true,
  // Bundled, its use of Buffer counts as ours and prints a deprecation warning.
  external: ['seek-bzip'],
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Less to parse at every start. Names stay, for what a stack trace says.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
  // globby brings CommonJS modules that require built-in ones.
  banner: {
    js: "import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
  },
});

// Whatever an earlier build left goes, but never what a running command may be about to load.
const chunks = `${root}/dist/cli-chunks`;
for (const name of existsSync(chunks) ? readdirSync(chunks) : []) {
  if (!(`dist/cli-chunks/${name}` in metafile.outputs)) rmSync(`${chunks}/${name}`);
}
for (const folder of ['src', 'rules']) rmSync(`${root}/dist/${folder}`, { recursive: true, force: true });

const compiler = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: root, stdio: 'inherit' });
process.exitCode = compiler.status ?? 1;
