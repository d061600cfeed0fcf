import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { rawCrc32c } from '../../src/disk/checksums.ts';
import { archive, member } from '../image/tar-image.ts';
import { unpackImage } from './disk-file.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const scratch = scratchDirectory({ '/text': 'x'.repeat(600) });
const cwd = scratch.path;
afterAll(scratch.remove);

const MEBIBYTE = 1024 * 1024;
/** Of the superblock of an ext4, from its start. */
const field = { incompatibleFeatures: 0x60, label: 0x78, checksum: 0x3fc } as const;
const NEEDS_RECOVERY = 4;

/** Changes the superblock of the ext4 at an offset, and seals it anew. */
function editSuperblock(disk: Buffer, offset: number, edit: (superblock: Buffer) => void): void {
  const superblock = disk.subarray(offset + 1024, offset + 2048);
  edit(superblock);
  superblock.writeUInt32LE(rawCrc32c(superblock.subarray(0, field.checksum), 0xffffffff), field.checksum);
}

beforeAll(() => {
  const disk = readFileSync(unpackImage('root', cwd, 'disk.img'));
  const dirty = Buffer.from(disk);
  editSuperblock(dirty, MEBIBYTE, (superblock) => {
    superblock.writeUInt32LE(
      superblock.readUInt32LE(field.incompatibleFeatures) | NEEDS_RECOVERY,
      field.incompatibleFeatures,
    );
  });
  writeFileSync(join(cwd, 'dirty.img'), dirty);
  // The root and a copy of it, in two partitions of an MBR.
  const twice = Buffer.alloc(6 * MEBIBYTE);
  for (const [index, mebibytes] of [1, 3].entries()) {
    const entry = twice.subarray(446 + 16 * index, 462 + 16 * index);
    entry.writeUInt8(0x83, 4);
    entry.writeUInt32LE(mebibytes * 2048, 8);
    entry.writeUInt32LE(2 * 2048, 12);
    disk.copy(twice, mebibytes * MEBIBYTE, MEBIBYTE, 3 * MEBIBYTE);
  }
  twice.write('55aa', 510, 'hex');
  editSuperblock(twice, 3 * MEBIBYTE, (superblock) => {
    superblock.write('second', field.label);
  });
  writeFileSync(join(cwd, 'twice.img'), twice);
});

const schema: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'report.schema.json'), 'utf8'),
);
const validate = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  formats: { date: /^\d{4}-\d{2}-\d{2}$/ },
}).compile(Object(schema));

async function reportOf(...argv: readonly string[]) {
  const { stdout, code } = await runCli([...argv, '--format', 'json'], { cwd });
  const report: unknown = JSON.parse(stdout);
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
  return { report, code };
}

describe('check of a disk', () => {
  it('scans it like a directory, and counts what it read', async () => {
    const { report, code } = await reportOf('disk.img');
    expect(code).toBe(0);
    expect(report).toMatchObject({
      verdict: 'pass',
      images: [{ kind: 'disk', label: 'disk.img', system: { distribution: { id: 'debian' } } }],
    });
    expect(report).toHaveProperty('images.0.stats.imageBytesRead', expect.any(Number));
    expect(report).toHaveProperty('images.0.stats.imageReads', expect.any(Number));
    expect(report).not.toHaveProperty('images.0.notices');
  });

  it('gives no verdict by a file system that was not unmounted', async () => {
    const { report, code } = await reportOf('dirty.img');
    expect(code).toBe(2);
    expect(report).toMatchObject({
      verdict: 'undecided',
      images: [{ system: { distribution: null }, counts: { pass: 0 } }],
    });
    const { stdout } = await runCli(['dirty.img'], { cwd });
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'lies on p1, whose ext4 is not clean: it is marked as in need of a replay',
    );
  });

  it('gives one where that is allowed, and says so above it', async () => {
    const { stdout, code } = await runCli(['dirty.img', '--allow-dirty'], { cwd, columns: 200 });
    expect(code).toBe(0);
    expect(stdout).toContain(
      '  Notice      p1 was not unmounted cleanly and is read as it is (--allow-dirty): files may be old or missing\n',
    );
    const { report } = await reportOf('dirty.img', '--allow-dirty');
    expect(report).toMatchObject({
      verdict: 'pass',
      images: [{ notices: [expect.stringContaining('--allow-dirty')] }],
    });
    expect((await runCli(['dirty.img'], { cwd, env: { VHD_PREFLIGHT_ALLOW_DIRTY: '1' } })).code).toBe(0);
  });

  it('says which of two roots it took, and takes the other one when told', async () => {
    const first = await runCli(['twice.img'], { cwd, columns: 200 });
    expect(first.stdout).toContain(
      '  Notice      p1 is taken for the root; p2 may be it too (--root-partition chooses)\n',
    );
    for (const name of ['2', 'p2']) {
      const { report } = await reportOf('twice.img', '--root-partition', name);
      expect(report).not.toHaveProperty('images.0.notices');
    }
    const inspected = await runCli(['inspect', 'twice.img', '--root-partition', '2'], { cwd });
    expect(inspected.stdout).toMatch(/^ {2}\/ +p2 \(ext4\), found by its contents$/m);
    expect(inspected.stdout).toContain('other roots   p1');
  });

  it('refuses what holds no root, with what it holds', async () => {
    for (const [argv, message] of [
      [
        ['disk.img', '--root-partition', '3'],
        'disk.img: 3 is not the root of a Linux system: it is no Linux root file system',
      ],
      [['disk.img', '--root-partition', 'vg/lv'], 'disk.img: has no volume "vg/lv"; its volumes are p1, p2, p3, p15'],
      [['text'], 'text: holds no Linux root: disk holds nothing that is recognised'],
    ] as const) {
      const { stderr, code } = await runCli(argv, { cwd });
      expect(code).toBe(2);
      expect(stderr.startsWith(`vhd-preflight: ${message}`)).toBe(true);
    }
  });
});

describe('check of a tar', () => {
  it('tells which members an extraction would leave out, and scans the others', async () => {
    const escaping = ['a', 'b', 'c', 'd', 'e'].map((name) => member(`../${name}`, { content: 'x' }));
    const content = 'ID=debian\n';
    writeFileSync(join(cwd, 'root.tar'), archive(member('etc/os-release', { content }), ...escaping));
    const { report, code } = await reportOf('root.tar');
    expect(code).toBe(0);
    expect(report).toMatchObject({
      images: [
        {
          kind: 'tar',
          system: { distribution: { id: 'debian' } },
          notices: [
            'members of the archive are left out, as an extraction leaves them: ' +
              ['a', 'b', 'c'].map((name) => `"../${name}" is not extracted: its path contains '..'`).join('; ') +
              '; 2 more',
          ],
        },
      ],
    });
    expect(report).toHaveProperty('images.0.stats.imageBytesRead', expect.any(Number));
  });
});
