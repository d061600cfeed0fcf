import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Examiner } from './examiner.ts';

const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-fuzz-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** An examiner whose worker does this with a damaged image, and takes the good one for what it is. */
function examinerOf(name: string, reaction: string): Examiner {
  const worker = join(folder, `${name}.mjs`);
  const answer = `(seconds, mebibytes) => process.send({ outcome: 'same', defects: [], seconds, mebibytes })`;
  writeFileSync(
    worker,
    `const answer = ${answer};
    process.on('message', ({ bytes }) => { if (bytes.length === 0) answer(0, 1); else { ${reaction} } });`,
  );
  return new Examiner(worker, folder, folder, 1);
}

test.each([
  ['good', 'answer(0.1, 100);', []],
  ['endless', 'for (;;);', ['hang: not over after 1 s']],
  ['slow', 'answer(9, 100);', ['slow: 9 s']],
  ['greedy', 'answer(0.1, 9000);', ['memory: 9000 MiB']],
  ['broken', 'process.exit(3);', ['died: exit code 3, signal null']],
])('a worker that is %s', async (name, reaction, defects) => {
  const examiner = examinerOf(name, reaction);
  try {
    const patch = { changes: [{ offset: 0, bytes: Uint8Array.of(1) }] };
    expect((await examiner.examine('x', patch)).defects).toEqual(defects);
    // Another process takes the place of one that was ended.
    expect((await examiner.examine('y', { changes: [] })).defects).toEqual([]);
  } finally {
    examiner.close();
  }
});
