import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { Scan } from '../../src/engine/scan.ts';
import { bootTarget } from '../../src/facts/boot-target.ts';
import { grubConsoles } from '../../src/facts/grub-console.ts';
import { judgeEntries, lastValue } from '../../src/facts/kernel-command-line/parameters.ts';
import { kernelCommandLine } from '../../src/facts/kernel-command-line.ts';
import { moduleOptions } from '../../src/facts/module-options.ts';
import { scsiNames } from '../../src/facts/scsi-names.ts';
import { serialGetty } from '../../src/facts/serial-getty.ts';
import { sysctl } from '../../src/facts/sysctl.ts';
import { uefiLoaders } from '../../src/facts/uefi-loaders.ts';
import { nodeHost } from '../../src/host/host.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { memoryTree, type Tree } from '../../src/testing/tree.ts';

const grubCfg = (name: string) =>
  readFileSync(join(import.meta.dirname, `../../fixtures/formats/grub/${name}.cfg`), 'utf8');

/** An image whose volume at a mount point is not part of the target. */
function without(mountPoint: string, files: Tree): Scan {
  const reason = `lies on UUID=1, a separate volume (/etc/fstab:2) that is not part of this target`;
  return new Scan(new TreeRootFs(memoryTree(files), new Map([[mountPoint, reason]])), nodeHost);
}

/** A PE file with sections, in base64. */
function pe(sections: Readonly<Record<string, string>>): string {
  const names = Object.entries(sections);
  const start = 0x40 + 24 + 40 * names.length;
  const total = names.reduce((sum, [, text]) => sum + text.length, start);
  const view = new DataView(new ArrayBuffer(total));
  const put = (at: number, text: string) => {
    for (const [index, character] of [...text].entries()) view.setUint8(at + index, character.charCodeAt(0));
  };
  put(0, 'MZ');
  view.setUint32(0x3c, 0x40, true);
  put(0x40, 'PE');
  view.setUint16(0x44, 0x8664, true);
  view.setUint16(0x46, names.length, true);
  let at = start;
  for (const [index, [name, text]] of names.entries()) {
    const row = 0x40 + 24 + 40 * index;
    put(row, name);
    view.setUint32(row + 8, text.length, true);
    view.setUint32(row + 16, text.length, true);
    view.setUint32(row + 20, at, true);
    put(at, text);
    at += text.length;
  }
  return Buffer.from(view.buffer).toString('base64');
}

describe('sysctl', () => {
  const systemd: Tree = { '/usr/lib/systemd/systemd-sysctl': 'x' };
  const read = async (files: Tree, name: string) => {
    const found = (await imageFrom(files).get(sysctl)).value(name);
    return found && `${found.value} ${found.evidence.path}:${found.evidence.line}`;
  };

  test.each<[string, Tree, string, string | undefined]>([
    [
      'a later file wins',
      { '/usr/lib/sysctl.d/50-a.conf': 'a.b=1\n', '/etc/sysctl.d/60-b.conf': 'a/b=2\n' },
      'a.b',
      '2 /etc/sysctl.d/60-b.conf:1',
    ],
    [
      'a file of the same name hides the packaged one',
      { '/usr/lib/sysctl.d/50-a.conf': 'a.b=1\n', '/etc/sysctl.d/50-a.conf': '#\n' },
      'a.b',
      undefined,
    ],
    [
      'a link to /dev/null hides it too',
      { '/usr/lib/sysctl.d/50-a.conf': 'a.b=1\n', '/etc/sysctl.d/50-a.conf': { link: '/dev/null' } },
      'a.b',
      undefined,
    ],
    ['other endings are no configuration', { '/etc/sysctl.d/a.conf.bak': 'a.b=1\n' }, 'a.b', undefined],
    [
      'a wildcard sets what nothing else names',
      { '/etc/sysctl.d/a.conf': 'net.ipv4.conf.*.rp_filter = 2\n' },
      'net.ipv4.conf.all.rp_filter',
      '2 /etc/sysctl.d/a.conf:1',
    ],
    [
      'a name goes over a wildcard, wherever it stands',
      { '/etc/sysctl.d/a.conf': 'n.all.f = 1\n', '/etc/sysctl.d/b.conf': 'n.*.f = 2\n' },
      'n.all.f',
      '1 /etc/sysctl.d/a.conf:1',
    ],
    [
      'a name with a hyphen keeps wildcards away',
      { '/etc/sysctl.d/a.conf': '-n.all.f\nn.*.f = 2\n' },
      'n.all.f',
      undefined,
    ],
    ['a wildcard matches no slash', { '/etc/sysctl.d/a.conf': 'n.* = 2\n' }, 'n.all.f', undefined],
    ['systemd does not read sysctl.conf', { '/etc/sysctl.conf': 'a.b=1\n' }, 'a.b', undefined],
    [
      'but where a link leads to it',
      { '/etc/sysctl.conf': 'a.b=1\n', '/etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' } },
      'a.b',
      '1 /etc/sysctl.d/99-sysctl.conf:1',
    ],
  ])('%s', async (_name, files, key, expected) => {
    expect(await read({ ...systemd, ...files }, key)).toBe(expected);
  });

  it('of procps ends with sysctl.conf', async () => {
    const files: Tree = { '/etc/sysctl.conf': 'a.b=1\n', '/etc/sysctl.d/zz.conf': 'a.b=2\n' };
    expect(await read(files, 'a.b')).toBe('1 /etc/sysctl.conf:1');
  });
});

describe('the console of GRUB', () => {
  it.each<[string, string, readonly number[]]>([
    ['debian-12', '/boot/grub/grub.cfg', [5]],
    ['ubuntu-cloud', '/boot/grub/grub.cfg', []],
    ['rhel-9', '/boot/grub2/grub.cfg', []],
  ])('of %s', async (name, path, timeouts) => {
    const image = imageFrom({ [path]: grubCfg(name), '/boot/loader/entries/a.conf': 'linux /k\n' });
    const [found] = await image.get(grubConsoles);
    expect(found).toMatchObject({ path, hasMenu: true, usesLoaderEntries: name === 'rhel-9', timeouts });
    expect(found?.timeoutEvidence?.text?.trim()).toBe(timeouts.length > 0 ? `set timeout=${timeouts[0]}` : undefined);
  });

  it('tells a stub from a menu, in every branch', async () => {
    const text =
      'search --set=root --label x\nif true; then\n  terminal_output serial console\nfi\nconfigfile /grub2/grub.cfg\n';
    expect(await imageFrom({ '/boot/efi/EFI/redhat/grub.cfg': text }).get(grubConsoles)).toEqual([
      {
        path: '/boot/efi/EFI/redhat/grub.cfg',
        hasMenu: false,
        usesLoaderEntries: false,
        runs: ['/grub2/grub.cfg'],
        terminals: [{ names: ['serial', 'console'], evidence: expect.objectContaining({ line: 3 }) }],
        timeouts: [],
        setsKernelOptions: false,
      },
    ]);
  });
});

describe('boot entries', () => {
  const menu = "menuentry 'A' {\n  linux /vmlinuz ro\n}\n";

  it('do not need the EFI system partition where /boot has a menu', async () => {
    const image = without('/boot/efi', { '/boot/grub2/grub.cfg': menu, '/boot/efi': { dir: true } });
    expect((await image.get(kernelCommandLine)).defaults).toHaveLength(1);
    expect(await image.get(uefiLoaders)).toMatchObject({
      fallback: [],
      elsewhere: expect.stringContaining('/boot/efi'),
    });
  });

  it('cannot be told where it may hold the menu', async () => {
    const image = without('/boot/efi', { '/boot/efi': { dir: true } });
    await expect(image.get(kernelCommandLine)).rejects.toThrow('separate volume');
  });

  it('of unified kernel images come from the images and their add-ons', async () => {
    const image = imageFrom({
      '/efi/EFI/Linux/azl-6.6.1.efi': { base64: pe({ '.linux': 'MZ', '.cmdline': 'ro quiet\0' }) },
      '/efi/EFI/Linux/azl-6.6.10.efi': {
        base64: pe({ '.osrel': 'PRETTY_NAME="Azure Linux"\n', '.linux': 'MZ', '.cmdline': 'ro console=ttyS0' }),
      },
      '/efi/EFI/Linux/azl-6.6.10.efi.extra.d/fips.addon.efi': { base64: pe({ '.cmdline': 'fips=1' }) },
      '/efi/EFI/BOOT/BOOTX64.EFI': { base64: pe({ '.text': 'shim' }) },
    });
    const { entries } = await image.get(kernelCommandLine);
    const shown = entries.map(
      (entry) => `${entry.isDefault ? '*' : '-'} ${entry.title}: ${entry.parameters.map(({ text }) => text).join(' ')}`,
    );
    expect(shown).toEqual(['* Azure Linux: ro console=ttyS0 fips=1', '- azl-6.6.1.efi: ro quiet']);
    expect(entries[0]?.kernel).toBeUndefined();
  });

  it('have names in which hyphen and underscore are one', async () => {
    const text = "menuentry 'A' {\n  linux /k nvme-core.io_timeout=30 nvme_core.io-timeout=240\n}\n";
    const [entry] = (await imageFrom({ '/boot/grub/grub.cfg': text }).get(kernelCommandLine)).entries;
    expect(entry && lastValue(entry, 'nvme_core.io_timeout')).toBe('240');
  });

  it('that share a finding are named together', async () => {
    const image = imageFrom({ '/boot/grub2/grub.cfg': menu, '/boot/efi/EFI/centos/grub.cfg': menu });
    const { defaults } = await image.get(kernelCommandLine);
    const findings = judgeEntries(defaults, ({ evidence }) => [{ message: 'x', evidence: [evidence] }]);
    expect(findings.map(({ evidence }) => evidence.map(({ path }) => path))).toEqual([
      ['/boot/grub2/grub.cfg', '/boot/efi/EFI/centos/grub.cfg'],
    ]);
  });
});

describe('the boot target', () => {
  test.each<[string, Tree, string | undefined]>([
    [
      'a link over an alias',
      {
        '/etc/systemd/system/default.target': { link: '/lib/systemd/system/runlevel1.target' },
        '/lib/systemd/system/runlevel1.target': { link: 'rescue.target' },
      },
      'rescue.target',
    ],
    [
      'a link that leads nowhere here',
      { '/usr/lib/systemd/system/default.target': { link: 'graphical.target' } },
      'graphical.target',
    ],
    ['a file of its own', { '/etc/systemd/system/default.target': '[Unit]\n' }, 'default.target'],
    ['a loop', { '/etc/systemd/system/default.target': { link: 'default.target' } }, 'default.target'],
    ['nothing', {}, undefined],
  ])('%s', async (_name, files, expected) => {
    expect((await imageFrom(files).get(bootTarget)).target?.name).toBe(expected);
  });

  it('is a run level without systemd', async () => {
    const { runLevel, inittab } = await imageFrom({ '/etc/inittab': 'id:3:initdefault:\n' }).get(bootTarget);
    expect([runLevel?.name, inittab.length]).toEqual(['3', 1]);
  });
});

test.each<[string, Tree, string]>([
  ['present', { '/lib/systemd/system-generators/systemd-getty-generator': 'x' }, 'present'],
  [
    'masked by an empty file',
    {
      '/etc/systemd/system-generators/systemd-getty-generator': '',
      '/lib/systemd/system-generators/systemd-getty-generator': 'x',
    },
    'masked',
  ],
  ['absent', {}, 'absent'],
])('the generator of serial prompts is %s', async (_name, files, expected) => {
  expect((await imageFrom(files).get(serialGetty)).state).toBe(expected);
});

test('the last option of a module counts', async () => {
  const options = await imageFrom({
    '/etc/modprobe.d/a.conf': 'options nvme-core io_timeout=30 x=1\n',
    '/usr/lib/modprobe.d/b.conf': 'options nvme_core io_timeout=240\n',
    '/usr/lib/modprobe.d/a.conf': 'options nvme_core io_timeout=9\n',
  }).get(moduleOptions);
  expect([options.value('nvme_core', 'io_timeout')?.value, options.value('nvme_core', 'x')?.value]).toEqual([
    '240',
    '1',
  ]);
  expect(options.value('nvme', 'x')).toBeUndefined();
});

test('names of SCSI disks are found whole', async () => {
  const { files } = await imageFrom({
    '/etc/cron.d/trim': '0 3 * * * root fstrim /dev/sdc1; fsck "/dev/sdaa"\n',
    '/etc/udev/rules.d/a.rules': '# /dev/sdb\nKERNEL=="sd*", SYMLINK+="x"\n',
  }).get(scsiNames);
  expect(files.map(({ path, names }) => [path, names])).toEqual([['/etc/cron.d/trim', ['/dev/sdc1', '/dev/sdaa']]]);
});
