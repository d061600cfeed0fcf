// Measures what a user waits for, as ratios to `node -e 0` in the same run: a machine's speed drifts, the ratio does
// not. With --record the tables are written to bench/results.md. A budget that is exceeded gives exit code 1.
//
// npm run bench -- [DIR] [--disks] [--record]; without DIR a base tree of the fixtures is scanned. Disks with a real
// Debian root are measured when they are in the cache; --disks builds them, as root, and runs beside them what people
// use today.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { materialize, readBaseTree } from '../dist/src/testing/index.js';
import { diskImages, diskSubjects } from './disks.js';
import { bin, MiB, medianTimes, scanCosts } from './measure.js';
import { otherPrograms } from './others.js';

const rounds = 20;
const root = fileURLToPath(new URL('..', import.meta.url));
const roots = join(root, 'fixtures', 'roots');
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const given = process.argv.slice(2).find((word) => !word.startsWith('--'));
const withDisks = process.argv.includes('--disks');

/** Budgets: multiples of the floor, bytes from the image, bytes of memory. */
const programs = [
  { name: 'node -e 0 (the floor)', argv: ['-e', '0'], budget: 1 },
  { name: '--version', argv: [bin, '--version'], budget: 1.6 },
  { name: '--help', argv: [bin, '--help'] },
];

function directorySubjects(target) {
  // Only an initramfs is that large, and unpacking it is the one thing a short scan cannot hide.
  const opensInitramfs = scanCosts([bin, target]).bytes > 8 * MiB;
  const budget = opensInitramfs ? 8 : 2.5;
  const scan = opensInitramfs ? { bytes: 64 * MiB, memory: 200 * MiB } : { bytes: 8 * MiB, memory: 120 * MiB };
  const subject = (name, ...more) => ({ name, argv: [bin, target, ...more], budget, scan });
  return [
    subject('scan of a directory, all rules'),
    subject('the same, JSON', '--format=json'),
    subject('the same, specialized', '--image-type=specialized'),
  ];
}

const mebibytes = (bytes) => (bytes === undefined ? '' : `${(bytes / MiB).toFixed(1)} MiB`);

function rowOf({ name, budget, scan }, time, floor, costs) {
  const ratio = time / floor;
  const over = [
    ...(budget !== undefined && ratio > budget ? ['time'] : []),
    ...(scan && costs.bytes > scan.bytes ? ['bytes'] : []),
    ...(scan && costs.memory > scan.memory ? ['memory'] : []),
  ];
  const cells = [name, `${time.toFixed(0)} ms`, ratio.toFixed(2), budget?.toFixed(1) ?? ''];
  const spent = [mebibytes(costs?.bytes), costs?.reads ?? '', mebibytes(costs?.memory)];
  return { cells: [...cells, ...spent, over.length > 0 ? `over: ${over.join(', ')}` : ''], over };
}

const tableOf = (rows) => rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function sideBySide(images) {
  const rows = otherPrograms(images);
  const note =
    'One run each, by the clock; peak memory of the largest process. libguestfs runs a virtual machine, which without\n/dev/kvm is emulated and many times slower. None of these answers the same question.';
  return `## What people use today\n\n${note}\n\n${tableOf([['What', 'Time', 'Peak memory'], ['---', '---:', '---:'], ...rows])}`;
}

try {
  if (given === undefined) materialize(readBaseTree(roots, 'ubuntu-24.04'), scratch);
  const images = diskImages(withDisks);
  if (images.length === 0)
    process.stderr.write('disks are left out: `npm run bench -- --disks` builds them, as root\n');
  const subjects = [...programs, ...directorySubjects(given ?? scratch), ...diskSubjects(images)];
  const costs = subjects.map(({ scan, argv }) => scan && scanCosts(argv));
  const times = medianTimes(subjects, rounds);
  const rows = subjects.map((subject, index) => rowOf(subject, times[index], times[0], costs[index]));

  const head = `Medians of ${rounds} runs; ${costs.find(Boolean).rules} rules; Node ${process.versions.node}, ${arch()}, ${cpus().length} CPUs.`;
  const table = tableOf([
    ['What', 'Median', 'Ratio', 'Budget', 'Read', 'Reads', 'Peak memory', ''],
    ['---', '---:', '---:', '---:', '---:', '---:', '---:', '---'],
    ...rows.map(({ cells }) => cells),
  ]);
  const others = withDisks ? `\n\n${sideBySide(images)}` : '';
  console.log(`${head}\n\n${table}${others}`);
  if (process.argv.includes('--record')) {
    writeFileSync(
      join(root, 'bench', 'results.md'),
      `# Benchmark\n\nWritten by \`npm run bench -- --record\`. ${head}\nThe directory is ${given ?? '`fixtures/roots/ubuntu-24.04.yaml`'}; a disk holds the Debian root of \`test/real\`. Ratios are to \`node -e 0\` in\nthe same run; trust them more than the milliseconds.\n\n${table}${others}\n`,
    );
  }
  if (rows.some(({ over }) => over.length > 0)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
