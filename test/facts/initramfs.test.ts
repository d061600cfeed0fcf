import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Scan } from '../../src/engine/scan.ts';
import { compressedArchive } from '../../src/facts/initramfs/compressed.ts';
import { initramfs, nvmeInitramfs } from '../../src/facts/initramfs.ts';
import { initramfsConfiguration } from '../../src/facts/initramfs-configuration.ts';
import { modprobeRules } from '../../src/facts/modprobe-rules.ts';
import { readCpio } from '../../src/formats/cpio.ts';
import { CouldNotRead, isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom, testHost } from '../../src/testing/image.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';

const rhel = '5.14.0-570.12.1.el9_6.x86_64';

function mixin(name: string, files: Tree = {}): Scan {
  return imageFrom({ ...readBaseTree('fixtures/roots', `mixins/kernel-${name}`), ...files });
}

describe('the initramfs', () => {
  test.each(['rhel-9', 'rhel-8', 'debian-12', 'sles-15'])('of %s holds the storage drivers', async (name) => {
    const [found] = await mixin(name).get(initramfs);
    const content = found?.content;
    if (typeof content !== 'object' || isCouldNotRead(content)) throw new Error('not opened');
    expect([...content.modules]).toEqual(expect.arrayContaining(['hv_vmbus', 'hv_storvsc', 'scsi_transport_fc']));
    expect(content.listedModules).toEqual(content.modules);
  });

  test('is not opened where the drivers are built in', async () => {
    const scan = mixin('ubuntu-22.04');
    expect((await scan.get(initramfs)).map(({ content }) => content)).toEqual(['not-needed']);
    expect((await scan.get(nvmeInitramfs)).map(({ content }) => content)).toEqual(['not-needed']);
    const initrd = mixin('ubuntu-22.04', { '/boot/initrd.img-6.8.0-1030-azure': { unreadable: 'touched' } });
    expect((await initrd.get(initramfs)).map(({ content }) => content)).toEqual(['not-needed']);
  });

  test('is opened once for several questions', async () => {
    const scan = mixin('rhel-9');
    await scan.get(initramfs);
    const { bytesRead } = scan.rootFs.usage;
    expect((await scan.get(nvmeInitramfs)).map(({ content }) => typeof content)).toEqual(['object']);
    expect(scan.rootFs.usage.bytesRead).toBe(bytesRead);
  });

  test('has a modprobe.d of its own', async () => {
    const archive = packed({
      'etc/modprobe.d/a.conf': 'blacklist hv-netvsc\n',
      'usr/lib/modprobe.d/b.conf': 'install x /bin/true\n',
    });
    const [found] = await mixin('rhel-9', {
      [`/boot/initramfs-${rhel}.img`]: { base64: gzipSync(archive).toString('base64') },
    }).get(initramfs);
    const content = found?.content;
    if (typeof content !== 'object' || isCouldNotRead(content)) throw new Error('not opened');
    expect(content.blocks.map(({ module, kind, evidence }) => [module, kind, evidence.path, evidence.text])).toEqual([
      ['hv_netvsc', 'blacklist', `/boot/initramfs-${rhel}.img`, 'etc/modprobe.d/a.conf: blacklist hv-netvsc'],
      ['x', 'install', `/boot/initramfs-${rhel}.img`, 'usr/lib/modprobe.d/b.conf: install x /bin/true'],
    ]);
  });

  test.each([
    ['lzma', Buffer.from([0x5d, 0, 0, 0x80, 0, 1]), 'is compressed with lzma, which this version does not unpack'],
    ['lzop', Buffer.from('\x89LZO\0\r\n', 'latin1'), 'is compressed with lzop, which this version does not unpack'],
    ['old cpio', Buffer.from([0xc7, 0x71, 0, 0]), 'is compressed with old-cpio, which this version does not unpack'],
    ['text', Buffer.from('hello'), 'is no initramfs that a kernel unpacks: unknown data at byte 0'],
    [
      'a cut archive',
      Buffer.from(packed({ a: 'b' })).subarray(0, 100),
      'cannot be unpacked: it ends in the middle of a member',
    ],
    ['a cut gzip', gzipSync(packed({ a: 'b' })).subarray(0, 40), 'cannot be unpacked: unexpected end of file'],
    ['gzip of something else', gzipSync('hello'), 'cannot be unpacked: there is more in it than archives'],
    [
      'something else behind the archive',
      Buffer.concat([packed({ a: 'b' }), Buffer.from('tail')]),
      'is no initramfs that a kernel unpacks: unknown data at byte',
    ],
  ])('%s cannot be read, and the reason says why', async (_name, bytes, reason) => {
    const [found] = await mixin('rhel-9', {
      [`/boot/initramfs-${rhel}.img`]: { base64: bytes.toString('base64') },
    }).get(initramfs);
    expect(isCouldNotRead(found?.content) && found.content.reason).toContain(reason);
  });

  test('may not expand without end', async () => {
    const bomb = gzipSync(Buffer.concat([packed({ a: '' }), Buffer.alloc(4_000_000)]));
    const archive = readCpio({ members: 10, nameLength: 100, contentLength: 100 }, () => false);
    const fail = (reason: string) => new CouldNotRead('/x', reason);
    await expect(compressedArchive(testHost, 'gzip', [bomb], archive, { budget: 1_000_000, fail })).rejects.toThrow(
      'limit bytesPerInitramfs',
    );
  });
});

describe('what modprobe is told', () => {
  test('comes from the first directory that has a file, in the order of the names, and from the command line', async () => {
    const scan = imageFrom({
      '/etc/modprobe.d/b.conf': 'blacklist one\n',
      '/usr/lib/modprobe.d/b.conf': 'blacklist masked\n',
      '/usr/lib/modprobe.d/a.conf': 'install two /bin/false\n',
      '/etc/modprobe.d/.hidden.conf': 'blacklist no\n',
      '/etc/modprobe.d/note.txt': 'blacklist no\n',
      '/etc/modprobe.d/denied.conf': { unreadable: 'permission denied' },
      '/boot/vmlinuz-6.1.0': 'x',
      '/boot/grub/grub.cfg':
        "menuentry 'A' {\nlinux /boot/vmlinuz-6.1.0 module_blacklist=three,four-4 rd.driver.blacklist=five\n}\n",
    });
    const { blocks, unread } = await scan.get(modprobeRules);
    expect(blocks.map(({ module, kind, onlyInInitramfs = false }) => [module, kind, onlyInInitramfs])).toEqual([
      ['two', 'install', false],
      ['one', 'blacklist', false],
      ['three', 'refused', false],
      ['four_4', 'refused', false],
      ['five', 'blacklist', true],
    ]);
    expect(unread.map(({ path }) => path)).toEqual(['/etc/modprobe.d/denied.conf']);
  });
});

describe('the settings of the generator', () => {
  test('dracut reads its own files, the first of each name, in the order of versions', async () => {
    const settings = await imageFrom({
      '/etc/dracut.conf': 'add_drivers+=" a "\n',
      '/etc/dracut.conf.d/10-b.conf': 'add_drivers+=" b "\nomit_drivers+=" a z "\n',
      '/etc/dracut.conf.d/9-host.conf': 'hostonly="yes"\n',
      '/usr/lib/dracut/dracut.conf.d/9-host.conf': 'hostonly="no"\n',
    }).get(initramfsConfiguration);
    expect(settings).toMatchObject({
      generator: 'dracut',
      hostOnly: true,
      mode: { path: '/etc/dracut.conf.d/9-host.conf', line: 1 },
    });
    expect(settings.added.map(({ name, evidence }) => [name, evidence.path])).toEqual([
      ['a', '/etc/dracut.conf'],
      ['b', '/etc/dracut.conf.d/10-b.conf'],
    ]);
    expect(settings.omitted.map(({ name }) => name)).toEqual(['z']);
  });

  test('initramfs-tools: the last MODULES counts, and a default of the same name is masked', async () => {
    const settings = await imageFrom({
      '/usr/sbin/mkinitramfs': '',
      '/etc/initramfs-tools/initramfs.conf': 'MODULES=most\n',
      '/usr/share/initramfs-tools/conf.d/x': 'MODULES=list\n',
      '/etc/initramfs-tools/conf.d/x': '# nothing\n',
      '/usr/share/initramfs-tools/conf.d/y': 'MODULES=dep\n',
      '/etc/initramfs-tools/modules': 'hv-vmbus\n',
      '/usr/share/initramfs-tools/modules.d/more': 'nvme\n',
    }).get(initramfsConfiguration);
    expect(settings).toMatchObject({
      generator: 'initramfs-tools',
      hostOnly: true,
      mode: { path: '/usr/share/initramfs-tools/conf.d/y' },
    });
    expect(settings.added.map(({ name }) => name)).toEqual(['hv_vmbus', 'nvme']);
  });

  test('no generator is a value', async () => {
    expect((await imageFrom({}).get(initramfsConfiguration)).generator).toBeUndefined();
  });
});

/** A newc archive of regular files. */
function packed(files: Readonly<Record<string, string>>): Buffer {
  const parts = [...Object.entries(files), ['TRAILER!!!', ''] as const].map(([path, content]) => {
    const numbers = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length + 1, 0];
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${path}\0`;
    const padded = header + '\0'.repeat((4 - (header.length % 4)) % 4) + content;
    return padded + '\0'.repeat((4 - (padded.length % 4)) % 4);
  });
  return Buffer.from(parts.join(''));
}
