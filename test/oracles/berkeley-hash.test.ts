import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBerkeleyHash } from '../../src/formats/berkeley-hash.ts';
import { sourceOf } from '../../src/formats/byte-source.ts';
import { describeOracle, runPython } from './oracle.ts';

/** Python's ndbm is Berkeley DB's hash on Debian. */
const writer = `
import dbm.ndbm, hashlib, json
for task in json.load(sys.stdin):
    db = dbm.ndbm.open(task['path'], 'n')
    for key, size in task['entries']: db[str(key)] = bytes((key + n) % 251 for n in range(size))
    for key in task['deleted']:
        if str(key) in db: del db[str(key)]
    print(json.dumps(sorted(hashlib.sha256(db[key]).hexdigest() for key in db.keys())))
    db.close()
`;

const size = fc.constantFrom(1, 3, 100, 900, 1100, 4070, 4071, 12_345);
const task = fc.record({
  entries: fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), size), { maxLength: 300 }),
  deleted: fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 40 }),
});

describeOracle('berkeley-hash against Berkeley DB', 'python3', ['usr/bin/python3'], () => {
  it('finds every value that the database has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-berkeley-'));
    try {
      const samples = fc.sample(task, { numRuns: 40, seed: 20260101 });
      const tasks = samples.map((sample, index) => ({ ...sample, path: join(folder, String(index)) }));
      const answers = runPython(writer, JSON.stringify(tasks)).trimEnd().split('\n');
      for (const [index, { path, ...sample }] of tasks.entries()) {
        const values = readBerkeleyHash(sourceOf(readFileSync(`${path}.db`)));
        if (typeof values === 'string') throw new Error(values);
        const hashes = values.map((value) => createHash('sha256').update(value.read()).digest('hex')).sort();
        expect({ sample, hashes }).toEqual({ sample, hashes: JSON.parse(answers[index] ?? '') });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
