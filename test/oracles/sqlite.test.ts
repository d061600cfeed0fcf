import { Buffer } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sourceOf } from '../../src/formats/byte-source.ts';
import { openSqlite, type SqliteRow, type SqliteValue } from '../../src/formats/sqlite.ts';
import { describeOracle, runPython } from './oracle.ts';

/** Makes databases as told, each with the same content read back by SQLite itself. */
const writer = `
import json, os, shutil, sqlite3
for task in json.load(sys.stdin):
    path = task['path']
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA page_size = %d' % task['pageSize'])
    if task['log']:
        db.execute('PRAGMA journal_mode = WAL')
        db.execute('PRAGMA wal_autocheckpoint = 0')
    db.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)')
    db.execute('CREATE INDEX i ON t(a)')
    if task['log']: db.execute('PRAGMA wal_checkpoint')
    for rows in task['transactions']:
        db.execute('BEGIN')
        for id, a, size in rows:
            db.execute('INSERT OR REPLACE INTO t VALUES (?, ?, ?)', (id, a, bytes(n % 251 for n in range(size))))
        db.execute('ROLLBACK' if task['rollBack'] and rows is task['transactions'][-1] else 'COMMIT')
    if task['delete']: db.execute('DELETE FROM t WHERE id % 3 = 0')
    for suffix in ['', '-wal']:
        if os.path.exists(path + suffix): shutil.copy(path + suffix, path + '.copy' + suffix)
    def shown(value): return {'hex': value.hex()} if isinstance(value, bytes) else value
    rows = [[shown(value) for value in row] for row in db.execute('SELECT id, a, b FROM t ORDER BY id')]
    keys = {key: [row[0] for row in db.execute('SELECT id FROM t WHERE a = ? ORDER BY id', (key,))] for key in task['keys']}
    print(json.dumps({'rows': rows, 'keys': keys}))
    db.close()
`;

const keys = ['', 'a', 'A', 'waagent', 'waagent2', 'é', '😀', 'z'.repeat(200)];
const value = fc.oneof(
  fc.constantFrom(...keys),
  fc.constantFrom(null, 0, 1, -1, 127, 128, -32769, 2 ** 31, -(2 ** 47), 2 ** 52, 1.5, -0.25),
);
const row = fc.tuple(fc.integer({ min: -3, max: 400 }), value, fc.constantFrom(0, 1, 20, 450, 500, 4000, 4100, 20000));
const task = fc.record({
  pageSize: fc.constantFrom(512, 1024, 4096, 65536),
  log: fc.boolean(),
  rollBack: fc.boolean(),
  delete: fc.boolean(),
  transactions: fc.array(fc.array(row, { maxLength: 40 }), { minLength: 1, maxLength: 4 }),
});

function shown(content: SqliteValue | undefined): unknown {
  return content instanceof Uint8Array ? { hex: Buffer.from(content).toString('hex') } : content;
}

function shownRow({ rowId, values }: SqliteRow): unknown[] {
  return [rowId, shown(values[1]), shown(values[2])];
}

describeOracle('sqlite against SQLite', 'python3', ['usr/bin/python3'], () => {
  it('reads every row and finds every key that SQLite has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-sqlite-'));
    try {
      const samples = fc.sample(task, { numRuns: 60, seed: 20260101 });
      const tasks = samples.map((sample, index) => ({ ...sample, keys, path: join(folder, String(index)) }));
      const answers = runPython(writer, JSON.stringify(tasks)).trimEnd().split('\n');
      expect(answers).toHaveLength(tasks.length);
      for (const [index, { path, log, ...sample }] of tasks.entries()) {
        const source = sourceOf(readFileSync(`${path}.copy`));
        const database = openSqlite(source, log ? sourceOf(readFileSync(`${path}.copy-wal`)) : undefined);
        if (typeof database === 'string') throw new Error(database);
        const { found, damage } = database.rows('t');
        const rows = found.map(shownRow);
        const single = found.map(({ rowId }) => database.row('t', rowId).found.map(shownRow)[0]);
        const byKey = Object.fromEntries(
          keys.map((key) => [key, [...database.find('i', key).found].sort((a, b) => a - b)]),
        );
        const expected: { rows: unknown[]; keys: unknown } = JSON.parse(answers[index] ?? '');
        expect({ sample, damage, rows, single, keys: byKey }).toEqual({
          sample,
          damage: undefined,
          rows: expected.rows,
          single: expected.rows,
          keys: expected.keys,
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
