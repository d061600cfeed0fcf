import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, jest, test } from '@jest/globals';
import { viewOf } from '../../src/disk/bytes.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk, sequence } from './memory-disk.ts';
import { survey } from './survey.ts';

jest.setTimeout(120_000);

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');
const golden = (name: string) => new Uint8Array(gunzipSync(readFileSync(join(images, `${name}.img.gz`))));
const names = ['ext2', 'ext4-inline', 'ext4-dirty'] as const;

describe('small ext images that any machine can read', () => {
  test.each(names)('%s holds what its builder wrote', (name) => {
    const { tree } = ext.open(memoryDisk(golden(name)), nodeCodecs);
    const wanted = readFileSync(join(images, `${name}.manifest`), 'utf8');
    const manifest = manifestOf(tree, { without: ['mtime', 'owner'], except: ['/lost+found'] });
    expect(
      `${Object.entries(manifest)
        .map((entry) => entry.join(' '))
        .join('\n')}\n`,
    ).toBe(wanted);
  });

  it('replays the dirty one', () => {
    expect(ext.open(memoryDisk(golden('ext4-dirty')), nodeCodecs).state.kind).toBe('replayed');
  });
});

describe('a damaged ext file system', () => {
  test.each(names)('%s with bytes changed ends in typed errors only', (name) => {
    const original = golden(name);
    const whole = survey(ext, memoryDisk(original)).entries;
    expect(whole).toBeGreaterThan(20);
    let complaining = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = sequence(seed * 7919);
      const mutant = original.slice();
      for (let count = 1 + random(30); count > 0; count--) {
        // Metadata come first, and most of what follows is zeros.
        const at = random(2) ? 1024 + random(1024) : random(Math.min(mutant.length, 400_000));
        mutant[at] = random(4) ? random(256) : 255;
      }
      if (survey(ext, memoryDisk(mutant)).complaints.length > 0) complaining += 1;
    }
    // Without checksums most changes can only be seen as other contents.
    expect(complaining).toBeGreaterThan(name === 'ext2' ? 20 : 100);
  });

  test.each(names)('%s cut at any place ends in typed errors only', (name) => {
    const original = golden(name);
    for (const length of [0, 1, 1023, 1024, 2047, 2048, 5000, 40_000, original.length >> 1, original.length - 1]) {
      const cut = memoryDisk(original.slice(0, length));
      expect(() => ext.recognises(cut)).not.toThrow();
      expect(survey(ext, cut).complaints.length).toBeGreaterThan(0);
    }
  });

  it('notices a changed group descriptor by its checksum', () => {
    const original = golden('ext4-inline');
    expect(survey(ext, memoryDisk(original)).complaints).toEqual([]);
    // The descriptor of the first group: its place depends on the block size alone.
    const mutant = original.slice();
    mutant[2048 + 0x10] = (mutant[2048 + 0x10] ?? 0) ^ 1;
    expect(survey(ext, memoryDisk(mutant)).complaints.join()).toContain(
      'ext descriptor of group 0 at byte 2048 has a wrong checksum',
    );
  });

  it('notices every changed bit of the inodes and of the directory blocks that are read', () => {
    const original = golden('ext4-inline');
    const inodeTable = viewOf(original).getUint32(2048 + 8, true) * 1024;
    const random = sequence(4711);
    // Inodes 12 to 20 belong to the files that were written first.
    for (let count = 0; count < 60; count++) {
      const mutant = original.slice();
      const at = inodeTable + 11 * 256 + random(9 * 256);
      mutant[at] = (mutant[at] ?? 0) ^ (1 << random(8));
      expect(survey(ext, memoryDisk(mutant)).complaints.join()).toMatch(/ext inode \d+ at byte \d+ has/);
    }
    const root = viewOf(original).getUint32(inodeTable + 256 + 0x28 + 20, true) * 1024;
    for (let count = 0; count < 60; count++) {
      const mutant = original.slice();
      const at = root + random(1024);
      mutant[at] = (mutant[at] ?? 0) ^ (1 << random(8));
      expect(survey(ext, memoryDisk(mutant)).complaints.join()).toContain('ext directory 2 at byte 0 has a wrong');
    }
  });
});
