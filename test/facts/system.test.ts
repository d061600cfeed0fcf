import { describe, expect, it, test } from '@jest/globals';
import { architecture, executableFormat } from '../../src/facts/architecture.ts';
import { fileSystemTable } from '../../src/facts/file-system-table.ts';
import { installedKernels, kernels } from '../../src/facts/kernels.ts';
import { machineId } from '../../src/facts/machine-id.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const elf = (machine: number) => ({
  base64: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, machine, 0, 1, 2, 3]).toString(
    'base64',
  ),
});

describe('the architecture', () => {
  test.each<[string, Tree, string | undefined]>([
    ['of x86-64', { '/usr/lib/systemd/systemd': elf(62) }, 'x86_64'],
    [
      'of AArch64, by a link to busybox',
      { '/bin/busybox': elf(183), '/sbin/init': { link: '/bin/busybox' } },
      'aarch64',
    ],
    ['of something else', { '/usr/bin/bash': elf(243) }, 'other'],
    ['behind a script', { '/usr/bin/bash': '#!/bin/sh\necho twenty bytes\n', '/bin/sh': elf(62) }, 'x86_64'],
    ['of nothing', { '/etc/hostname': 'x' }, undefined],
  ])('%s', async (_, tree, expected) => expect(await imageFrom(tree).get(architecture)).toBe(expected));

  it('is read from the header alone', async () => {
    const image = imageFrom({ '/usr/lib/systemd/systemd': elf(62) });
    expect(await image.get(executableFormat)).toEqual({
      architecture: 'x86_64',
      bits: 64,
      evidence: { path: '/usr/lib/systemd/systemd', text: 'ELF 64-bit, machine 62' },
    });
    expect(image.rootFs.usage.bytesRead).toBe(20);
  });
});

describe('the kernels', () => {
  it('are those with modules or an image, newest last', async () => {
    const image = imageFrom({
      '/lib': { link: 'usr/lib' },
      '/usr/lib/modules/6.1.0-40-amd64/modules.dep': '',
      '/usr/lib/modules/6.1.0-9-amd64/vmlinuz': '',
      '/usr/lib/modules/6.1.0-8-amd64/extra/x.ko': '',
      '/usr/lib/modules/README': '',
      '/boot/vmlinuz-6.1.0-40-amd64': '',
      '/boot/vmlinuz-5.10.0-1-amd64': '',
      '/boot/vmlinuz-0-rescue-abc': '',
      '/boot/vmlinuz': { link: 'vmlinuz-6.1.0-40-amd64' },
    });
    expect(await image.get(kernels)).toEqual(['5.10.0-1-amd64', '6.1.0-9-amd64', '6.1.0-40-amd64']);
    expect((await image.get(installedKernels)).at(-1)).toEqual({
      release: '6.1.0-40-amd64',
      modules: '/usr/lib/modules/6.1.0-40-amd64',
      image: '/boot/vmlinuz-6.1.0-40-amd64',
    });
  });
});

describe('the machine-id', () => {
  const id = '0123456789abcdef0123456789abcdef';
  test.each<[string, Tree, string, string]>([
    ['absent', {}, 'absent', 'absent'],
    ['a link that leads nowhere', { '/etc/machine-id': { link: '/run/machine-id' } }, 'absent', 'absent'],
    ['uninitialized', { '/etc/machine-id': 'uninitialized\n' }, 'uninitialized', 'absent'],
    ['empty', { '/etc/machine-id': '' }, 'empty', 'absent'],
    ['one newline', { '/etc/machine-id': '\n' }, 'empty', 'absent'],
    ['an identifier', { '/etc/machine-id': `${id}\n` }, 'valid', 'absent'],
    ['zeros', { '/etc/machine-id': '0'.repeat(32) }, 'garbage', 'absent'],
    ['something else', { '/etc/machine-id': 'x' }, 'garbage', 'absent'],
    ['a copy of D-Bus', { '/etc/machine-id': '', '/var/lib/dbus/machine-id': id }, 'empty', 'identifier'],
    ['an empty copy', { '/etc/machine-id': '', '/var/lib/dbus/machine-id': '' }, 'empty', 'empty'],
    [
      'a link of D-Bus',
      { '/etc/machine-id': '', '/var/lib/dbus/machine-id': { link: '/etc/machine-id' } },
      'empty',
      'link',
    ],
  ])('%s', async (_, tree, etc, dbus) => {
    const found = await imageFrom({ '/etc/hostname': 'x', ...tree }).get(machineId);
    expect([found.etc.state, found.dbus.state]).toEqual([etc, dbus]);
  });
});

describe('the file system table', () => {
  it('has entries and rejected lines with evidence', async () => {
    const text = '# x\nUUID=1 / ext4 defaults 0 1\n/dev/sdb1 /mnt auto defaults,nofail 0 2\n/dev/sdc1\n';
    const { entries, rejected } = await imageFrom({ '/etc/fstab': text }).get(fileSystemTable);
    expect(entries.map(({ mountPoint, isMandatory, evidence }) => [mountPoint, isMandatory, evidence.line])).toEqual([
      ['/', true, 2],
      ['/mnt', false, 3],
    ]);
    expect(rejected).toEqual([
      {
        message: expect.stringContaining('fewer than three fields'),
        evidence: { path: '/etc/fstab', line: 4, text: '/dev/sdc1' },
      },
    ]);
  });

  it('is empty without the file', async () => {
    expect(await imageFrom({ '/etc/hostname': 'x' }).get(fileSystemTable)).toEqual({ entries: [], rejected: [] });
  });
});
