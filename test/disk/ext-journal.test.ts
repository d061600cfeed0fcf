import { copyFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, jest, test } from '@jest/globals';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };

function make(image: string, type: string, options: string): void {
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, 64 * 1024 * 1024);
  run(`mkfs.${type}`, '-q', '-F', ...options.split(' ').filter(Boolean), image);
}

/** Files of blocks that begin like one of the journal's own, as data=journal has to escape them. */
function likeTheJournal(length: number): Buffer {
  const bytes = noise(length);
  for (let block = 0; block + 4 <= length; block += 1024) bytes.writeUInt32BE(0xc03b3998, block);
  return bytes;
}

/** Leaves an image as a power cut would: what was synchronised is in the journal and not yet in its place. */
function cutOff(image: string, copy: string, type: string, options: string): void {
  mounted(
    image,
    type,
    (top) => {
      const at = (...names: string[]) => join(top, ...names);
      const synchronise = () => run('sync', '-f', top);
      mkdirSync(at('etc'));
      mkdirSync(at('gone'));
      writeFileSync(at('etc', 'sshd_config'), 'PermitRootLogin yes\n');
      for (let index = 0; index < 300; index++) mkdirSync(at('gone', `d${index}`));
      synchronise();
      // The blocks of these directories are revoked, and used again for contents.
      rmSync(at('gone'), { recursive: true });
      synchronise();
      mkdirSync(at('many'));
      for (let index = 0; index < 333; index++) writeFileSync(at('many', `f${index}`), `${index}\n`);
      writeFileSync(at('etc', 'sshd_config'), 'PermitRootLogin no\n');
      writeFileSync(at('magic'), likeTheJournal(64 * 1024));
      writeFileSync(at('big'), noise(3_000_000, 5));
      symlinkSync('t'.repeat(100), at('link'));
      synchronise();
      copyFileSync(image, copy);
    },
    options,
  );
}

/** What our own reader makes of the copy, and what the kernel does, which writes into it. */
function compared(copy: string, type: string): { fileSystem: FileSystem; entries: number } {
  const device = new FileDevice(copy);
  const fileSystem = ext.open(device, nodeCodecs);
  const replayed = manifestOf(fileSystem.tree);
  device.close();
  const truth = mounted(copy, type, (top) => manifestOf(new DirectoryTree(top)), 'ro');
  expect(replayed).toEqual(truth);
  return { fileSystem, entries: Object.keys(truth).length };
}

describeWith([mkfs, 'loop'], 'a journal that was left to replay', () => {
  const folder = workFolder();
  const [image, copy] = [join(folder, 'image'), join(folder, 'copy')];

  test.each([
    ['ext4', '', 'rw'],
    ['ext4', '-b 1024', 'rw'],
    ['ext4', '-O ^metadata_csum', 'rw'],
    ['ext4', '-O ^metadata_csum,^64bit', 'rw,journal_checksum'],
    ['ext4', '-b 1024', 'rw,data=journal'],
    ['ext4', '-O ^metadata_csum -b 1024', 'rw,data=journal'],
    ['ext4', '', 'rw,data=journal,journal_async_commit'],
    ['ext3', '', 'rw'],
    ['ext3', '-b 1024', 'rw,data=journal'],
  ])('%s %s, mounted %s, reads as it does after the kernel has replayed it', (type, mkfsOptions, options) => {
    make(image, type, mkfsOptions);
    cutOff(image, copy, type, options);
    const { fileSystem, entries } = compared(copy, type);
    expect(fileSystem.state).toEqual({
      kind: 'replayed',
      detail: expect.stringMatching(/^\d+ blocks of \d+ transactions?$/),
    });
    expect(entries).toBeGreaterThan(335);
    expect(ext.open(new FileDevice(image), nodeCodecs).state).toEqual({ kind: 'clean' });
  });

  it('is followed around the end of a journal that was filled many times', () => {
    make(image, 'ext4', '-b 1024 -J size=1');
    mounted(
      image,
      'ext4',
      (top) => {
        for (let round = 0; round < 40; round++) {
          writeFileSync(join(top, `file${round % 7}`), likeTheJournal(90 * 1024 + round));
          run('sync', '-f', top);
          if (round < 30) continue;
          copyFileSync(image, `${copy}${round}`);
        }
      },
      'rw,data=journal',
    );
    for (let round = 30; round < 40; round++) {
      const { fileSystem } = compared(`${copy}${round}`, 'ext4');
      expect(fileSystem.state.kind).toBe('replayed');
    }
  });

  it('replays nothing when fast commits follow, and says so', () => {
    make(image, 'ext4', '-O fast_commit');
    mounted(image, 'ext4', (top) => {
      writeFileSync(join(top, 'first'), 'x');
      run('sync', '-f', top);
      run('sh', '-c', `cd ${top}; for i in 1 2 3 4 5; do echo $i >f$i; sync f$i; done`);
      copyFileSync(image, copy);
    });
    const { state } = ext.open(new FileDevice(copy), nodeCodecs);
    expect(state).toMatchObject({ kind: 'dirty', reason: expect.stringContaining('fast commits') });
    expect(ext.open(new FileDevice(image), nodeCodecs).state.kind).toBe('clean');
  });

  it('is not replayed from another device, and says so', () => {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    truncateSync(log, 8 * 1024 * 1024);
    run('mkfs.ext4', '-q', '-F', '-b', '1024', '-O', 'journal_dev', log);
    expect(() => ext.open(new FileDevice(log), nodeCodecs)).toThrow(/journal_dev/);
    make(image, 'ext4', '-O ^has_journal');
    run('debugfs', '-w', '-R', 'feature has_journal needs_recovery', image);
    expect(ext.open(new FileDevice(image), nodeCodecs).state).toMatchObject({
      kind: 'dirty',
      reason: expect.stringContaining('another device'),
    });
  });
});
