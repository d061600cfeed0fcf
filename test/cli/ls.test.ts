import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { unpackImage } from './disk-file.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const scratch = scratchDirectory({
  '/image/etc/os-release': 'ID=debian\n',
  '/image/etc/not\udcffutf-8': 'x',
  '/image/etc/::error::x\u001b[31m': 'x',
  '/image/etc/link': { link: 'os-release' },
  '/image/usr/bin/su': { text: 'elf', mode: '4755' },
  '/image/usr/sticky': { dir: true, mode: '1777' },
});
const cwd = scratch.path;
afterAll(scratch.remove);
beforeAll(() => {
  unpackImage('root', cwd, 'disk.img');
  for (const path of ['etc/os-release', 'usr/bin/su', 'usr/sticky', 'usr/bin'])
    utimesSync(join(cwd, 'image', path), 1_600_000_000, 1_600_000_000);
  execFileSync('tar', ['-C', join(cwd, 'image'), '-cf', join(cwd, 'image.tar'), '.']);
});

interface Line {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly size?: number;
  readonly target?: string;
  readonly sha256?: string;
}

async function lines(...argv: readonly string[]): Promise<readonly Line[]> {
  const { stdout, stderr, code } = await runCli(['ls', ...argv, '--format', 'json'], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  // The program's own output; each expectation below says what it needs of it.
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('ls', () => {
  it('lists the root as ls -l does', async () => {
    const { stdout, code } = await runCli(['ls', 'image', '/usr'], { cwd });
    expect(code).toBe(0);
    expect(stdout.replace(/^(\S+) +\d+ +\d+ +\d+ /gm, '$1 ')).toBe(
      'drwxr-xr-x 2020-09-13 12:26 bin\ndrwxrwxrwt 2020-09-13 12:26 sticky\n',
    );
    expect((await runCli(['ls', 'image', 'usr/bin/su'], { cwd })).stdout).toMatch(
      /^-rwsr-xr-x +\d+ +\d+ +3 2020-09-13 12:26 \/usr\/bin\/su\n$/,
    );
    expect((await runCli(['ls', 'image', '/etc'], { cwd })).stdout).toMatch(/^lrwxrwxrwx .* link -> os-release$/m);
  });

  it('goes depth first through everything below, sorted, with names of any bytes', async () => {
    expect((await lines('image', '--recursive')).map(({ path, type }) => `${type} ${path}`)).toEqual([
      'd /etc',
      'f /etc/::error::x\u001b[31m',
      'l /etc/link',
      'f /etc/not\udcffutf-8',
      'f /etc/os-release',
      'd /usr',
      'd /usr/bin',
      'f /usr/bin/su',
      'd /usr/sticky',
    ]);
  });

  it('writes one object a line, with the hash where it is asked for', async () => {
    const sha256 = createHash('sha256').update('elf').digest('hex');
    const owner = { uid: process.getuid?.(), gid: process.getgid?.() };
    expect(await lines('image', '/usr/bin', '--hash')).toEqual([
      { path: '/usr/bin/su', type: 'f', mode: '4755', ...owner, mtime: 1_600_000_000, size: 3, sha256 },
    ]);
    expect((await lines('image', '/etc')).find(({ type }) => type === 'l')).toMatchObject({ target: 'os-release' });
  });

  it('cannot be steered by names', async () => {
    for (const format of ['text', 'json']) {
      const { stdout } = await runCli(['ls', 'image', '--recursive', '--format', format], { cwd, tty: true });
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\udc80-\udcff]/);
    }
  });

  it('shows a tar as the directory that it would become', async () => {
    expect(await lines('image.tar', '--recursive', '--hash')).toEqual(await lines('image', '--recursive', '--hash'));
  });

  it('shows a disk as its own fstab mounts it, and says what that lacks', async () => {
    const { stdout, stderr, code } = await runCli(['ls', 'disk.img', '--recursive', '--format', 'json'], { cwd });
    const paths = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Line).path);
    expect(paths).toContain('/boot/efi/EFI/BOOT/BOOTX64.EFI');
    expect(paths).toContain('/boot/grub/grub.cfg');
    expect(paths).toContain('/usr/lib/os-release');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'vhd-preflight: disk.img: /data: lies on UUID=11111111-2222-4333-8444-555555555555, a separate volume (/etc/fstab:4) that is not part of this target\n',
    );
    expect(await lines('disk.img', '/boot/grub', '--hash')).toMatchObject([
      { path: '/boot/grub/grub.cfg', sha256: createHash('sha256').update('menuentry x {}\n').digest('hex') },
    ]);
  });

  test.each(['3', 'p3'])('shows one volume, %s, that is no root', async (volume) => {
    expect((await lines('disk.img', '--recursive', '--volume', volume)).map(({ path }) => path)).toEqual([
      '/folder',
      '/folder/file',
      '/lost+found',
    ]);
  });

  test.each<[string, readonly string[], string]>([
    ['a path that is not there', ['image', '/no/where'], 'image: has no file /no/where'],
    ['a target that is not there', ['imag'], 'imag: no such file or directory'],
    [
      'a format that there is not',
      ['image', '--format', 'jsno'],
      '--format: expected one of text, json, found "jsno"; did you mean "json"?',
    ],
    ['a volume of a directory', ['image', '--volume', 'p1'], 'image: is a directory and has no volumes'],
    [
      'a volume that is not there',
      ['disk.img', '--volume', 'p9'],
      'disk.img: has no volume "p9"; its volumes are p1, p2, p3, p15',
    ],
    ['a subvolume of an ext4', ['disk.img', '--volume', 'p1:@/x'], 'disk.img: p1 holds ext4, which has no subvolumes'],
    ['a root that is none', ['disk.img', '--root-partition', '3'], 'disk.img: 3 is not the root of a Linux system: '],
    [
      'two ways to choose',
      ['disk.img', '--volume', '1', '--root-partition', '1'],
      '--volume and --root-partition exclude each other',
    ],
    ['a flag that there is not', ['image', '--hahs'], 'unknown flag --hahs; did you mean --hash?'],
  ])('says what is wrong with %s', async (_name, argv, message) => {
    const { stdout, stderr, code } = await runCli(['ls', ...argv], { cwd });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr.startsWith(`vhd-preflight: ${message}`)).toBe(true);
  });
});
