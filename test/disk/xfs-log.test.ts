import {
  chmodSync,
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, jest, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';
import { makeXfs, mkfsXfs, withXfs } from './xfs-image.ts';
import { targetsOf } from './xfs-mutants.ts';

jest.setTimeout(120_000);

/** Small enough for its log to wrap, which mkfs.xfs makes only for testing. */
const small = '--unsupported -d agcount=2';

const stateOf = (image: string) => withXfs(image, ({ state }) => state);
/** What xfs_logprint says of the log. */
const logprint = (path: string) => /state: <(\w+)>/.exec(run('xfs_logprint', '-t', path))?.[1];
/** Round of the log in which the last superblock was written. */
const roundOf = (image: string) =>
  Number(BigInt(/0x\w+/.exec(run('xfs_db', '-r', '-c', 'sb 0', '-c', 'p lsn', image))?.[0] ?? 0) >> 32n);

/** Metadata by the thousand, mostly gone again. */
function churn(top: string, round: number): void {
  const folder = join(top, `round${round}`);
  mkdirSync(folder);
  for (let index = 0; index < 2000; index++) writeFileSync(join(folder, `${index}-${'n'.repeat(60)}`), `${round}`);
  run('sync', '-f', folder);
  for (const mode of ['600', '640', '644', '755']) run('sh', '-c', `chmod -R ${mode} ${folder}; sync -f ${folder}`);
  if (round % 2 === 0) rmSync(folder, { recursive: true });
}

/** Of the files in a directory: within its inode, in one block, in several, in many. */
const counts = [3, 20, 150, 600] as const;

/** Every kind of change that goes through the log, in `stages` that are each written to it. */
function change(top: string, stages: number): void {
  const at = (...names: string[]) => join(top, ...names);
  mkdirSync(at('etc'));
  writeFileSync(at('etc', 'sshd_config'), 'PermitRootLogin yes\n');
  for (let stage = 0; stage < stages; stage++) {
    const folder = at(`stage${stage}`);
    mkdirSync(folder);
    for (let index = 0; index < (counts[stage % counts.length] ?? 0); index++)
      writeFileSync(join(folder, `f${index}-${'n'.repeat(index % 50)}`), `${index}`);
    for (const length of [10, 300, 700, 1023]) symlinkSync('t'.repeat(length), join(folder, `link${length}`));
    const scattered = openSync(at('scattered'), stage === 0 ? 'w' : 'r+');
    for (let block = stage; block < 700; block += 2 * stages)
      writeSync(scattered, noise(4096, block + 1), 0, 4096, block * 4096);
    fdatasyncSync(scattered);
    closeSync(scattered);
    writeFileSync(at('etc', 'sshd_config'), `PermitRootLogin no ${stage}\n`);
    writeFileSync(at('cut'), noise(100_000, stage + 1));
    truncateSync(at('cut'), 5000 + stage);
    run('setfattr', '-n', 'user.long', '-v', 'x'.repeat(100 + 400 * stage), at('etc', 'sshd_config'));
    run('cp', '--reflink=auto', at('scattered'), at(`copy${stage}`));
    chmodSync(at('etc'), 0o700 + stage);
    run('chown', `${stage + 1}:7`, at('cut'));
    if (stage > 0) {
      renameSync(at(`stage${stage - 1}`), at('etc', `moved${stage - 1}`));
      unlinkSync(at(`copy${stage - 1}`));
    }
    // Freed directory blocks and inodes become others.
    if (stage > 1) rmSync(at('etc', `moved${stage - 2}`), { recursive: true });
    run('sync', '-f', top);
  }
}

describeWith([mkfsXfs, 'loop'], 'The log of an XFS', () => {
  const folder = workFolder();
  const image = join(folder, 'image');
  const copy = join(folder, 'copy');

  test.each([
    ['', 7, 3],
    ['-s size=4096 -l su=32k', 4, 2],
    ['-l su=256k', 4, 2],
  ])(
    'mkfs.xfs %s: is clean after each of %s unmounts, once around its end too, and read alike',
    (options, times, rounds) => {
      makeXfs(image, `${small} ${options}`, 64);
      expect(stateOf(image)).toEqual({ kind: 'clean' });
      for (let round = 0; round < times; round++) {
        const expected = mounted(image, 'xfs', (top) => {
          churn(top, round);
          return readdirSync(top);
        });
        withXfs(image, ({ state, tree }) => {
          expect(state).toEqual({ kind: 'clean' });
          expect([...tree.list(tree.root)].map(({ name }) => name).sort()).toEqual(expected.sort());
        });
        mounted(image, 'xfs', () => undefined);
        expect(stateOf(image)).toEqual({ kind: 'clean' });
      }
      expect(roundOf(image)).toBeGreaterThanOrEqual(rounds);
    },
  );

  test.each([
    ['', 320, 4],
    ['-m bigtime=0,inobtcount=0', 320, 4],
    ['-m rmapbt=1 -i nrext64=1', 320, 4],
    ['-b size=1024 -n size=16384', 320, 4],
    ['-b size=1024 -m reflink=0', 320, 4],
    ['-s size=4096 -l su=64k', 320, 4],
    [small, 64, 8],
  ])('mkfs.xfs %s (%s MiB): reads as it does after the kernel has replayed it', (options, megabytes, stages) => {
    makeXfs(image, options, megabytes);
    mounted(image, 'xfs', (top) => {
      change(top, stages);
      run('cp', '--sparse=always', image, copy);
    });
    expect([logprint(image), logprint(copy)]).toEqual(['CLEAN', 'DIRTY']);
    const { state, manifest } = withXfs(copy, ({ state, tree }) => ({ state, manifest: manifestOf(tree) }));
    expect(state).toEqual({ kind: 'replayed', detail: expect.stringMatching(/^\d+ items of \d+ checkpoints?$/) });
    const expected = mounted(copy, 'xfs', (top) => manifestOf(new DirectoryTree(top)));
    expect(Object.keys(expected).length).toBeGreaterThan(300);
    expect(manifest).toEqual(expected);
    expect(stateOf(copy)).toEqual({ kind: 'clean' });
  });

  it('leaves out a last record that was cut short, as the kernel does', () => {
    makeXfs(image, '--unsupported -d agcount=1', 64);
    mounted(image, 'xfs', (top) => {
      change(top, 3);
      writeFileSync(join(top, 'last'), 'in the last record');
      run('sync', '-f', top);
      run('cp', '--sparse=always', image, copy);
    });
    const bytes = readFileSync(copy);
    const records = targetsOf(bytes, true).filter(({ name }) => name === 'log');
    const last = records.at(-1);
    if (!last) throw new Error('has no record');
    // As if its last sector had never been written: zero is the round before the first.
    const size = bytes.readUInt32BE(last.offset + 12);
    bytes.fill(0, last.offset + Math.ceil(size / 512) * 512, last.offset + Math.ceil(size / 512) * 512 + 512);
    writeFileSync(copy, bytes);
    const { state, manifest } = withXfs(copy, ({ state, tree }) => ({ state, manifest: manifestOf(tree) }));
    expect(state.kind).toBe('replayed');
    const expected = mounted(copy, 'xfs', (top) => manifestOf(new DirectoryTree(top)));
    expect(expected).not.toHaveProperty('/last');
    expect(manifest).toEqual(expected);
  });

  it('holds only the superblock while the file system is frozen', () => {
    makeXfs(image);
    mounted(image, 'xfs', (top) => {
      writeFileSync(join(top, 'file'), 'x');
      run('fsfreeze', '-f', top);
      try {
        run('cp', '--sparse=always', image, copy);
      } finally {
        run('fsfreeze', '-u', top);
      }
    });
    expect(stateOf(copy)).toEqual({ kind: 'replayed', detail: expect.stringContaining('frozen') });
    run('xfs_repair', '-L', copy);
    expect(stateOf(copy)).toEqual({ kind: 'clean' });
  });
});
