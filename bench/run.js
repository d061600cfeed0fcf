// Measures what a user waits for, as ratios to `node -e 0` in the same run: a machine's speed drifts, the ratio does
// not. With --record the table is written to bench/results.md. A budget that is exceeded gives exit code 1.
// npm run bench -- [DIR] [--record]; without DIR a base tree of the fixtures is scanned.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { materialize, readBaseTree } from '../dist/src/testing/index.js';

const rounds = 20;
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin', 'vhd-preflight.js');
const roots = join(root, 'fixtures', 'roots');
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const given = process.argv.slice(2).find((word) => !word.startsWith('--'));
const target = given ?? scratch;
const MiB = 1024 * 1024;

/** Budgets in multiples of the floor. */
const subjects = [
  { name: 'node -e 0 (the floor)', argv: ['-e', '0'], budget: 1 },
  { name: '--version', argv: [bin, '--version'], budget: 1.6 },
  { name: '--help', argv: [bin, '--help'] },
  { name: 'scan of a directory, all rules', argv: [bin, target], budget: 2.5 },
  { name: 'the same, JSON', argv: [bin, target, '--format=json'], budget: 2.5 },
  { name: 'the same, specialized', argv: [bin, target, '--image-type=specialized'], budget: 2.5 },
];

function milliseconds(argv) {
  const start = process.hrtime.bigint();
  spawnSync(process.execPath, argv, { stdio: 'ignore' });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const shuffled = (items) =>
  items
    .map((item) => ({ item, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);

/**
 * All subjects round by round, so that a slow spell of the machine hits every one of them, and each round in another
 * order: what ran just before is worth a tenth of the floor to the next one.
 */
function measure() {
  const times = subjects.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { argv }] of shuffled([...subjects.entries()])) {
      const time = milliseconds(argv);
      // The first round only warms the file cache.
      if (round >= 0) times[index].push(time);
    }
  }
  return times.map(median);
}

/** Peak resident memory of a scan, as the program itself sees it at its end. */
function peakMemory() {
  const script = `process.argv.splice(1, 0, 'x'); process.on('exit', () => console.error(process.resourceUsage().maxRSS));
    const { default: loader } = await import(${JSON.stringify(join(root, 'bin', 'load.js'))});
    const { main } = loader.load();
    const sink = { write() {}, isTTY: false };
    await main([${JSON.stringify(target)}], { stdout: sink, stderr: sink, env: {}, cwd: '/' });`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return Number(stderr.trim()) * 1024;
}

try {
  if (given === undefined) materialize(readBaseTree(roots, 'ubuntu-24.04'), scratch);
  const json = spawnSync(process.execPath, [bin, target, '--format=json'], { encoding: 'utf8' }).stdout;
  const [image] = JSON.parse(json).images;
  const memory = peakMemory();
  // Only an initramfs is that large, and unpacking it is the one thing a short scan cannot hide.
  const opensInitramfs = image.stats.bytesRead > 8 * MiB;
  const [floor, ...others] = measure();
  const times = [floor, ...others];

  const rows = subjects.map(({ name, ...subject }, index) => {
    const budget = opensInitramfs && subject.argv.includes(target) ? 8 : subject.budget;
    const ratio = times[index] / floor;
    const within = budget === undefined || ratio <= budget;
    return {
      cells: [name, `${times[index].toFixed(0)} ms`, ratio.toFixed(2), budget?.toFixed(1) ?? '', within ? '' : 'over'],
      within,
    };
  });
  const quantity = (name, value, budget) => {
    const within = value <= budget;
    return {
      cells: [name, `${(value / MiB).toFixed(2)} MiB`, '', `${budget / MiB} MiB`, within ? '' : 'over'],
      within,
    };
  };
  rows.push(
    quantity('read from the image', image.stats.bytesRead, (opensInitramfs ? 64 : 8) * MiB),
    quantity('peak memory of a scan', memory, (opensInitramfs ? 200 : 120) * MiB),
  );

  const table = [
    ['What', 'Median', 'Ratio', 'Budget', ''],
    ['---', '---:', '---:', '---:', '---'],
    ...rows.map(({ cells }) => cells),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const head = `Medians of ${rounds} runs; ${image.results.length} rules, ${image.stats.filesRead} files read; Node ${process.versions.node}, ${arch()}, ${cpus().length} CPUs.`;
  console.log(`${head}\n\n${table}`);
  if (process.argv.includes('--record')) {
    writeFileSync(
      join(root, 'bench', 'results.md'),
      `# Benchmark\n\nWritten by \`npm run bench -- --record\`. ${head}\nTarget: ${given ?? '`fixtures/roots/ubuntu-24.04.yaml` as a directory'}. Ratios are to \`node -e 0\` in the same run; trust them more\nthan the milliseconds.\n\n${table}\n`,
    );
  }
  if (rows.some(({ within }) => !within)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
