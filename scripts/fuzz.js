// Damages the images of fixtures/images and scans them: npm run fuzz -- [--seed N] [--rounds N] [--image NAME] [--minutes N]
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.cache', 'fuzz');

// Straight from the sources, so that no build can be older than what is put to the test.
await build({
  absWorkingDir: root,
  entryPoints: ['test/fuzz/run.ts', 'test/fuzz/worker.ts'],
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
});

const { main } = await import(new URL('../.cache/fuzz/run.mjs', import.meta.url));
try {
  process.exitCode = await main(root, join(folder, 'worker.mjs'));
} catch (error) {
  console.error(`fuzz: ${error.message}`);
  process.exitCode = 2;
}
