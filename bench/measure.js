// How the benchmark measures. Every subject is a command line of Node: `{ name, argv, budget }`, and where it scans an
// image, `target` and budgets for what the scan reads and holds in memory.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const bin = join(root, 'bin', 'vhd-preflight.js');
export const MiB = 1024 * 1024;

/** Wall time of a program in milliseconds; with what it printed and the peak memory of its largest process in bytes. */
export function timed(program, argv, options = {}) {
  const start = process.hrtime.bigint();
  const result = spawnSync(program, argv, { stdio: 'ignore', ...options });
  return { ...result, time: Number(process.hrtime.bigint() - start) / 1e6 };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const shuffled = (items) =>
  items
    .map((item) => ({ item, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);

/**
 * Median times. All subjects round by round, so that a slow spell of the machine hits every one of them, and each
 * round in another order: what ran just before is worth a tenth of the floor to the next one.
 */
export function medianTimes(subjects, rounds) {
  const times = subjects.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { argv }] of shuffled([...subjects.entries()])) {
      const { time } = timed(process.execPath, argv);
      // The first round only warms the file cache.
      if (round >= 0) times[index].push(time);
    }
  }
  return times.map(median);
}

/** What a scan reads, and the peak resident memory that the program itself sees at its end; both in bytes. */
export function scanCosts(argv) {
  const words = argv.filter((word) => word !== bin && !word.startsWith('--format'));
  const { stdout } = spawnSync(process.execPath, [bin, ...words, '--format=json'], {
    encoding: 'utf8',
    maxBuffer: 64 * MiB,
  });
  const [{ stats, results }] = JSON.parse(stdout).images;
  const { bytesRead, imageBytesRead = bytesRead, imageReads } = stats;
  return { rules: results.length, bytes: imageBytesRead, reads: imageReads, memory: peakMemory(words) };
}

function peakMemory(words) {
  const script = `process.argv.splice(1, 0, 'x'); process.on('exit', () => console.error(process.resourceUsage().maxRSS));
    const { default: loader } = await import(${JSON.stringify(join(root, 'bin', 'load.js'))});
    const { main } = loader.load();
    const sink = { write() {}, isTTY: false };
    await main(${JSON.stringify(words)}, { stdout: sink, stderr: sink, env: {}, cwd: '/' });`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return Number(stderr.trim()) * 1024;
}
