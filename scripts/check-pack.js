// What `npm pack` would publish: everything that a user needs, and nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [{ files }] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', maxBuffer: 1 << 26 }),
);
const paths = files.map(({ path }) => path);

const allowed = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^bin\/(vhd-preflight|load|scan-worker)\.js$/,
  /^bin\/package\.json$/,
  /^dist\/(src|rules)\/.+\.(js|d\.ts)$/,
  /^dist\/(cli|later)\.cjs$/,
  /^dist\/cli\.cjs\.LEGAL\.txt$/,
  /^docs\/rules\/.+\.md$/,
  /^docs\/(config|report)\.schema\.json$/,
];
const required = [
  'README.md',
  'LICENSE',
  'bin/vhd-preflight.js',
  'bin/load.js',
  'bin/package.json',
  'bin/scan-worker.js',
  'dist/cli.cjs',
  'dist/later.cjs',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  'docs/config.schema.json',
  'docs/report.schema.json',
];

const problems = [
  ...paths
    .filter((path) => !allowed.some((pattern) => pattern.test(path)))
    .map((path) => `must not be packed: ${path}`),
  ...required.filter((path) => !paths.includes(path)).map((path) => `is missing: ${path}`),
];
const lock = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
if (/"resolved":/.test(lock)) problems.push('package-lock.json records download addresses');

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${paths.length} files would be packed`);
