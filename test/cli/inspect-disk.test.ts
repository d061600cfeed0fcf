import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unpackImage } from './disk-file.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const scratch = scratchDirectory({});
const cwd = scratch.path;
afterAll(scratch.remove);
beforeAll(() => {
  unpackImage('root', cwd, 'disk.img');
  const disk = readFileSync(join(cwd, 'disk.img'));
  // The first superblock of the root.
  disk.fill(0, 1024 * 1024, 1024 * 1024 + 4096);
  writeFileSync(join(cwd, 'rootless.img'), disk);
});

describe('inspect of a disk', () => {
  it('shows container, partitions, volumes and where they are mounted', async () => {
    const { stdout, stderr, code } = await runCli(['inspect', 'disk.img'], { cwd, columns: 100 });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const disk = stdout.slice(stdout.indexOf('Disk\n'), stdout.indexOf('\nFirst boot'));
    expect(disk).toBe(`Disk
  container     none (raw)
  size          8 MiB (8388608 bytes)
  table         GPT for sectors of 512 bytes, disk 11111111-2222-4333-8444-555555555555

Volumes
  p1                  2 MiB  ext4          /
                Linux root (x86-64), named "root", label "root", UUID
                00000000-0000-4000-8000-000000000001, PARTUUID 00000000-0000-4000-8000-000000000011
  p2                  1 MiB  ext4          /boot
                Linux extended boot (XBOOTLDR), label "boot", UUID
                00000000-0000-4000-8000-000000000002, PARTUUID 00000000-0000-4000-8000-000000000012
  p3                  1 MiB  ext4
                Linux filesystem, label "other", UUID 00000000-0000-4000-8000-000000000003, PARTUUID
                00000000-0000-4000-8000-000000000013
  p15                 1 MiB  vfat          /boot/efi
                EFI system partition, named "EFI", label "EFI", UUID 0123-ABCD, PARTUUID
                00000000-0000-4000-8000-000000000015

Mounts
  /             p1 (ext4), found by its contents, /etc/fstab:1
  /boot         p2 (ext4), /etc/fstab:2
  /boot/efi     p15 (vfat), /etc/fstab:3
  /data         lies on UUID=11111111-2222-4333-8444-555555555555, a separate volume (/etc/fstab:4)
                that is not part of this target
`);
  });

  it('gives the same as data', async () => {
    const data: unknown = JSON.parse((await runCli(['inspect', 'disk.img', '--format', 'json'], { cwd })).stdout);
    expect(data).toMatchObject({
      kind: 'disk',
      distribution: { id: 'debian' },
      disk: {
        container: { format: 'raw', virtualSize: 8388608 },
        partitionTable: {
          scheme: 'gpt',
          partitions: [{ number: 1, label: 'root' }, { number: 2 }, { number: 3 }, { number: 15 }],
        },
        volumes: [
          { id: 'p1', kind: 'file-system', type: 'ext4', label: 'root', fileSystem: { state: { kind: 'clean' } } },
          { id: 'p2' },
          { id: 'p3' },
          { id: 'p15', type: 'vfat', uuid: '0123-ABCD' },
        ],
        plan: {
          mounts: [
            { path: '/', volume: 'p1', by: 'content' },
            { path: '/boot', line: 2 },
            { path: '/boot/efi', line: 3 },
          ],
          missing: [{ path: '/data', line: 4 }],
          candidates: ['p1'],
        },
      },
    });
  });

  it('shows a disk without a root too, and says so in its exit code', async () => {
    const text = await runCli(['inspect', 'rootless.img'], { cwd, columns: 100 });
    expect(text.code).toBe(2);
    expect(text.stderr).toMatch(
      /^vhd-preflight: rootless\.img: holds no Linux root: p1 .*; p2 holds ext4, but no Linux root; /,
    );
    expect(text.stdout).toContain('Linux root (x86-64), named "root"');
    const data: unknown = JSON.parse((await runCli(['inspect', 'rootless.img', '--format', 'json'], { cwd })).stdout);
    expect(data).toMatchObject({
      target: 'rootless.img',
      problem: expect.stringContaining('holds no Linux root'),
      disk: { plan: null },
    });
  });
});
