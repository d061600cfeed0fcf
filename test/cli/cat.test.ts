import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { unpackImage } from './disk-file.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const large = Buffer.alloc(3 * 1024 * 1024 + 5, 'abcdefg');
const scratch = scratchDirectory({
  '/image/etc/os-release': 'ID=debian\n',
  '/image/etc/up': { link: '../../../../etc/os-release' },
  '/image/etc/bytes': { base64: Buffer.from([0, 255, 27, 10, 13, 128]).toString('base64') },
  '/image/etc/large': { base64: large.toString('base64') },
  '/image/usr/x': '',
});
const cwd = scratch.path;
afterAll(scratch.remove);
beforeAll(() => {
  unpackImage('root', cwd, 'disk.img');
});

const steering = Buffer.from('a\u001b[31mred\u001b[0m\tb\r\n\u00ff', 'latin1').toString('latin1');

describe('cat', () => {
  it('writes bytes as they are when no terminal reads them', async () => {
    expect(await runCli(['cat', 'image', '/etc/bytes'], { cwd })).toEqual({
      code: 0,
      stdout: '\u0000\u00ff\u001b\n\r\u0080',
      stderr: '',
    });
    expect((await runCli(['cat', 'disk.img', '/etc/steering'], { cwd })).stdout).toBe(steering);
  });

  it('writes a file of any size, in pieces', async () => {
    const { stdout } = await runCli(['cat', 'image', '/etc/large'], { cwd });
    expect(Buffer.from(stdout, 'latin1').equals(large)).toBe(true);
  });

  it('shows control characters to a terminal, unless it is told not to', async () => {
    const shown = await runCli(['cat', 'disk.img', 'etc/steering'], { cwd, tty: true });
    expect(shown.stdout).toBe('a\\x1b[31mred\\x1b[0m\tb\\r\n\ufffd');
    const raw = await runCli(['cat', 'disk.img', 'etc/steering', '--raw'], { cwd, tty: true });
    expect(raw.stdout).toBe(steering);
  });

  it('follows links inside of the image only, over volumes too', async () => {
    expect((await runCli(['cat', 'image', '/etc/up'], { cwd })).stdout).toBe('ID=debian\n');
    expect((await runCli(['cat', 'disk.img', '/boot/grub/../../etc/os-release'], { cwd })).stdout).toContain(
      'ID=debian',
    );
    expect((await runCli(['cat', 'disk.img', 'folder/file', '--volume', 'p3'], { cwd })).stdout).toBe(
      'on the other volume\n',
    );
  });

  test.each<[string, readonly string[], string]>([
    ['a file that is not there', ['image', '/etc/none'], 'image: has no file /etc/none\n'],
    ['a directory', ['image', '/etc'], 'image: /etc: is a directory, expected a regular file\n'],
    ['a file on a volume that is not there', ['disk.img', '/data/x'], 'disk.img: /data: lies on UUID=11111111-'],
    ['no path', ['image'], 'cat needs one more argument; see: vhd-preflight cat --help\n'],
  ])('says what is wrong with %s', async (_name, argv, message) => {
    const { stdout, stderr, code } = await runCli(['cat', ...argv], { cwd });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr.startsWith(`vhd-preflight: ${message}`)).toBe(true);
  });
});
