import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { kernelCommandLine } from '../../src/facts/kernel-command-line.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const cfg = '/boot/grub2/grub.cfg';
const entry = (title: string, words = '') => `menuentry '${title}' {\n  linux /vmlinuz-${title} root=x ${words}\n}\n`;
/** As 41_custom writes it. */
const sourceCustom = `
if [ -f  \${config_directory}/custom.cfg ]; then
  source \${config_directory}/custom.cfg
elif [ -z "\${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
`;

/** Title, mark of the default, and place of each boot. */
async function entries(files: Tree): Promise<string[]> {
  const { entries: found } = await imageFrom(files).get(kernelCommandLine);
  return found.map(
    ({ title, isDefault, evidence: { path, line } }) => `${isDefault ? '*' : ''}${title} ${path}:${line}`,
  );
}

describe('files that a grub.cfg runs', () => {
  test('custom.cfg of 41_custom adds entries and may choose the default', async () => {
    const files = { [cfg]: entry('a') + sourceCustom, '/boot/grub2/custom.cfg': `set default=b\n${entry('b')}` };
    expect(await entries(files)).toEqual([`a ${cfg}:2`, '*b /boot/grub2/custom.cfg:3']);
    const { defaults } = await imageFrom(files).get(kernelCommandLine);
    expect(defaults[0]?.evidence.text?.trim()).toBe('linux /vmlinuz-b root=x');
  });

  test('without it, 41_custom leaves nothing open', async () => {
    expect(await entries({ [cfg]: entry('a') + sourceCustom })).toEqual([`*a ${cfg}:2`]);
  });

  test.each<[string, string, Tree]>([
    ['a dot', '. $prefix/x.cfg', { '/boot/grub2/x.cfg': entry('b') }],
    ['a folder below', 'source $prefix/d/x.cfg', { '/boot/grub2/d/x.cfg': entry('b') }],
    ['a path on the partition of /boot', 'source /grub2/x.cfg', { '/boot/grub2/x.cfg': entry('b') }],
    ['a path on the root file system', 'source /boot/grub2/x.cfg', { '/boot/grub2/x.cfg': entry('b') }],
    ['a subvolume', 'source ($root)/@/boot/grub2/x.cfg', { '/boot/grub2/x.cfg': entry('b') }],
    [
      'a searched device',
      'search --set=dev --label boot\nsource ($dev)/grub2/x.cfg',
      { '/boot/grub2/x.cfg': entry('b') },
    ],
    [
      'the OEM partition of Flatcar',
      'search --set oem --part-label OEM\nsource ($oem)/x.cfg',
      { '/oem/x.cfg': entry('b') },
    ],
    [
      'a file that sources one of its folder',
      'source $prefix/d/x.cfg',
      { '/boot/grub2/d/x.cfg': 'source $config_directory/y.cfg\n', '/boot/grub2/d/y.cfg': entry('b') },
    ],
    [
      'one of two possible names',
      'if [ $x = $root ]; then\nset f=(md/0)/q\nelse\nset f=/grub2\nfi\nsource $f/x.cfg',
      { '/boot/grub2/x.cfg': entry('b') },
    ],
  ])('%s', async (_name, command, files) => {
    const [first, second, ...others] = await entries({ [cfg]: `${entry('a')}${command}\n`, ...files });
    expect([first, second?.split(' ')[0], others]).toEqual([`*a ${cfg}:2`, 'b', []]);
  });

  test('an entry may source its commands', async () => {
    const files = {
      [cfg]: "menuentry 'a' {\n  source $prefix/boot.cfg\n}\n",
      '/boot/grub2/boot.cfg': 'linux /k ro quiet\n',
    };
    expect(await entries(files)).toEqual(['*a /boot/grub2/boot.cfg:1']);
  });

  test('variables of a sourced file reach the entries', async () => {
    const files = { [cfg]: `source $prefix/v.cfg\n${entry('a', '$extra')}`, '/boot/grub2/v.cfg': 'set extra=quiet\n' };
    const { defaults } = await imageFrom(files).get(kernelCommandLine);
    expect(defaults[0]?.parameters.map(({ text }) => text)).toEqual(['root=x', 'quiet']);
  });

  test('configfile shows the other menu instead, and hands on only what is exported', async () => {
    const files = {
      [cfg]: `set default=1\nset a=1\nset b=2\nexport b\n${entry('a')}configfile $prefix/other.cfg\n${entry('late')}`,
      '/boot/grub2/other.cfg': `${entry('b', '"a=$a" "b=$b"')}${entry('c')}`,
    };
    expect(await entries(files)).toEqual(['*b /boot/grub2/other.cfg:2', 'c /boot/grub2/other.cfg:5']);
    const { defaults } = await imageFrom(files).get(kernelCommandLine);
    expect(defaults[0]?.parameters.map(({ text }) => text)).toEqual(['root=x', 'a=', 'b=2']);
  });

  test('configfile in an entry boots the default of that menu', async () => {
    const files = {
      [cfg]: `menuentry 'other' {\n  configfile $prefix/other.cfg\n}\n${entry('a')}`,
      '/boot/grub2/other.cfg': `set default=1\n${entry('b')}${entry('c')}`,
    };
    expect(await entries(files)).toEqual(['b /boot/grub2/other.cfg:3', '*c /boot/grub2/other.cfg:6', `a ${cfg}:5`]);
  });

  test('a menu that may have been left counts as one that is up, without what was set on the way out', async () => {
    const leaving = 'if [ $x = $root ]; then\nset default=1\nconfigfile $prefix/other.cfg\nfi\n';
    const files = {
      [cfg]: `set default=0\n${leaving}${entry('a')}${entry('b')}`,
      '/boot/grub2/other.cfg': entry('c'),
    };
    expect(await entries(files)).toEqual([`*a ${cfg}:7`, `b ${cfg}:10`, '*c /boot/grub2/other.cfg:2']);
  });

  test('a menu that was left one way or the other is not up', async () => {
    const leaving = 'if [ $x = $root ]; then\nconfigfile $prefix/b.cfg\nelse\nconfigfile $prefix/c.cfg\nfi\n';
    const files = {
      [cfg]: `${leaving}${entry('late')}`,
      '/boot/grub2/b.cfg': entry('b'),
      '/boot/grub2/c.cfg': entry('c'),
    };
    expect(await entries(files)).toEqual(['*b /boot/grub2/b.cfg:2', '*c /boot/grub2/c.cfg:2']);
  });

  test('the other menu finds the folder of GRUB, and its own', async () => {
    const files = {
      [cfg]: 'configfile $prefix/d/other.cfg\n',
      '/boot/grub2/d/other.cfg': 'source $prefix/x.cfg\nsource $config_directory/y.cfg\n',
      '/boot/grub2/x.cfg': entry('x'),
      '/boot/grub2/d/y.cfg': entry('y'),
    };
    expect(await entries(files)).toEqual(['*x /boot/grub2/x.cfg:2', 'y /boot/grub2/d/y.cfg:2']);
  });

  test('the other menu inherits what GRUB itself exports', async () => {
    const files = {
      [cfg]: 'set prefix=/grub2/d\nconfigfile /grub2/other.cfg\n',
      '/boot/grub2/other.cfg': 'source $prefix/x.cfg\n',
      '/boot/grub2/x.cfg': entry('x'),
      '/boot/grub2/d/x.cfg': entry('moved'),
    };
    expect(await entries(files)).toEqual(['*moved /boot/grub2/d/x.cfg:2']);
  });

  test('another menu that shows itself for ever leaves the menu open', async () => {
    const again = 'configfile $prefix/other.cfg\n';
    const image = imageFrom({ [cfg]: again, '/boot/grub2/other.cfg': again });
    await expect(image.get(kernelCommandLine)).rejects.toThrow('which is nested too deeply');
  });

  test.each(['source', 'configfile'])('%s may be used more often than files may be nested', async (command) => {
    const one = `menuentry 'a' {\n  ${command} $prefix/boot.cfg\n}\n`;
    const files = { [cfg]: one.repeat(40), '/boot/grub2/boot.cfg': `linux /k\n${entry('b')}` };
    expect(await entries(files)).toHaveLength(40);
  });

  test('the stub of the system partition leads to the menu that is read anyway', async () => {
    const stub = 'search --fs-uuid --set=dev 1\nset prefix=($dev)/grub2\nexport $prefix\nconfigfile $prefix/grub.cfg\n';
    expect(await entries({ [cfg]: entry('a'), '/boot/efi/EFI/redhat/grub.cfg': stub })).toEqual([`*a ${cfg}:2`]);
  });

  test.each<[string, string, string]>([
    ['another disk', 'source (hd1,gpt1)/x.cfg', 'runs (hd1,gpt1)/x.cfg in line 4, which is on another device'],
    [
      'another disk, asked for before',
      'if [ -f (hd1)/x.cfg ]; then source (hd1)/x.cfg; fi',
      'runs (hd1)/x.cfg in line 4, which is on another device',
    ],
    ['the network', 'configfile (tftp)/x.cfg', 'runs (tftp)/x.cfg in line 4, which is on another device'],
    ['a place of no partition here', 'source ($dev)/x.cfg', 'which is nowhere in this image'],
    ['itself for ever', 'source $prefix/grub.cfg', 'which is nested too deeply'],
  ])('%s leaves the menu open', async (_name, command, reason) => {
    const image = imageFrom({ [cfg]: `${entry('a')}${command}\n` });
    await expect(image.get(kernelCommandLine)).rejects.toThrow(reason);
  });

  test.each([
    ['an entry that is not the default', `${entry('a')}menuentry 'b' {\n  configfile (hd1)/x.cfg\n}\n`],
    ['a submenu that the default is not in', `${entry('a')}submenu 'b' {\n  source "/.snapshots/1/x.cfg"\n}\n`],
    [
      'the snapshots of SUSE, asked for before',
      `${entry('a')}if [ -f "/.snapshots/s.cfg" ]; then\n  source "/.snapshots/s.cfg"\nfi\n`,
    ],
    ['a file missing from GRUB’s own folder', `${entry('a')}source $prefix/x.cfg\n`],
  ])('%s does not', async (_name, text) => {
    expect(await entries({ [cfg]: text })).toEqual([`*a ${cfg}:2`]);
  });

  test('of the default entry it does', async () => {
    const image = imageFrom({ [cfg]: `menuentry 'b' {\n  configfile (hd1)/x.cfg\n}\n${entry('a')}` });
    await expect(image.get(kernelCommandLine)).rejects.toThrow(`${cfg}: runs (hd1)/x.cfg in line 2`);
  });

  test('a sourced file that may not be read leaves the menu open', async () => {
    const files = { [cfg]: entry('a') + sourceCustom, '/boot/grub2/custom.cfg': { unreadable: 'permission denied' } };
    await expect(imageFrom(files).get(kernelCommandLine)).rejects.toThrow('/boot/grub2/custom.cfg: permission denied');
  });

  test.each(['debian-12', 'ubuntu-cloud', 'rhel-9'])('the generated file of %s leaves nothing open', async (name) => {
    const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'formats', 'grub');
    const files = {
      [cfg]: readFileSync(join(folder, `${name}.cfg`), 'utf8'),
      '/boot/loader/entries/a.conf': 'linux /k\n',
    };
    expect((await entries(files)).length).toBeGreaterThan(0);
  });
});
