import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { openAny, openTarget } from '../../src/host/open.ts';
import { composeRoot } from '../../src/image/compose.ts';
import type { Image } from '../../src/image/image.ts';
import {
  emptyFile,
  makeFileSystem,
  makeGptDisk,
  mkfsExt,
  mkfsFat,
  mtools,
  type PartitionPlan,
  sgdisk,
  writeAt,
} from './disk-builder.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

const folder = workFolder();

/** Writes a directory of files; a value that begins with `->` is a link. */
function files(name: string, entries: Readonly<Record<string, string>>): string {
  const top = join(folder, name);
  mkdirSync(top, { recursive: true });
  for (const [path, text] of Object.entries(entries)) {
    const file = join(top, path);
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (text.startsWith('->')) symlinkSync(text.slice(2), file);
    else if (!path.endsWith('/')) writeFileSync(file, text);
  }
  return top;
}

/** Everything that the composed root shows, without what a file system makes for itself. */
async function shown(path: string, except: readonly string[] = []): Promise<Record<string, string>> {
  const { disk, close } = await openAny(path);
  try {
    if (!disk) throw new Error(`${path} is no disk`);
    const places = ['', '/boot', '/usr', '/var', '/home'].map((place) => `${place}/lost+found`);
    return manifestOf(composeRoot(disk).tree, { without: ['mtime', 'owner'], except: [...places, ...except] });
  } finally {
    close();
  }
}

const written = (directory: string, except: readonly string[] = []) =>
  manifestOf(new DirectoryTree(directory), { without: ['mtime', 'owner'], except });

async function withImage<T>(path: string, use: (image: Image) => T): Promise<T> {
  const image = await openTarget(path);
  try {
    return use(image);
  } finally {
    image.close?.();
  }
}

const mountsOf = ({ disk }: Image) =>
  disk?.plan.mounts.map(({ path, volume, subvolume, by, line }) =>
    [path, subvolume === undefined ? volume : `${volume}:${subvolume}`, line === undefined ? by : `${by} ${line}`].join(
      ' ',
    ),
  );

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describeWith([sgdisk, mkfsExt, mkfsFat, mtools], 'a disk with ext4, /boot by label and an ESP', () => {
  const usual = {
    'etc/os-release': '->../usr/lib/os-release',
    'etc/fstab':
      'LABEL=cloudimg-rootfs / ext4 defaults 0 1\nLABEL=UEFI /boot/efi vfat umask=0077 0 1\nLABEL=BOOT /boot ext4 defaults 0 2\n',
    'etc/hostname': 'host\n',
    'usr/lib/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n',
    'boot/': '',
    'var/log/big': 'x'.repeat(3_000_000),
  };
  const plan = (root: string, boot: string): readonly PartitionPlan[] => [
    {
      number: 15,
      size: 40,
      code: 'ef00',
      type: 'vfat',
      label: 'UEFI',
      files: files('efi', { 'EFI/ubuntu/grub.cfg': 'search\n' }),
    },
    { number: 16, size: 40, code: 'ea00', type: 'ext4', label: 'BOOT', files: boot },
    { number: 1, size: 64, type: 'ext4', label: 'cloudimg-rootfs', files: root },
  ];
  const disk = join(folder, 'ubuntu.img');
  beforeAll(() => {
    const boot = files('ubuntu-boot', { 'grub/grub.cfg': 'menuentry\n', 'efi/': '' });
    makeGptDisk(disk, plan(files('ubuntu', usual), boot));
  });
  const whole = files('ubuntu-whole', { ...usual, 'boot/grub/grub.cfg': 'menuentry\n', 'boot/efi/': '' });

  test('shows each file where the image itself would', async () => {
    await withImage(disk, (image) => {
      expect(image.kind).toBe('disk');
      expect(mountsOf(image)).toEqual(['/ p1 content 1', '/boot p16 fstab 3', '/boot/efi p15 fstab 2']);
      expect(image.rootFs.readText('/etc/os-release')).toContain('ID=ubuntu');
      expect(image.rootFs.readText('/boot/efi/EFI/ubuntu/grub.cfg')).toBe('search\n');
    });
    expect(await shown(disk, ['/boot/efi'])).toEqual(written(whole, ['/boot/efi']));
  });

  test('is read without being written, when nobody may write it', async () => {
    const before = { hash: sha256(disk), mtime: statSync(disk).mtimeMs };
    chmodSync(disk, 0o444);
    await withImage(disk, ({ rootFs }) => [...rootFs.walk('/')].length);
    expect({ hash: sha256(disk), mtime: statSync(disk).mtimeMs }).toEqual(before);
    chmodSync(disk, 0o644);
  });

  test('costs what is asked for, not what is there', async () => {
    await withImage(disk, ({ rootFs, fileUsage }) => {
      rootFs.readText('/etc/os-release');
      expect(fileUsage?.().bytesRead).toBeGreaterThan(0);
      expect(fileUsage?.().bytesRead).toBeLessThan(1.5 * 1024 * 1024);
      expect(fileUsage?.().reads).toBeLessThan(100);
    });
  });

  describeWith([{ program: 'qemu-img', package: 'qemu-utils' }], 'in a container', () => {
    test.each([
      ['vpc', 'subformat=fixed,force_size', 'vhd'],
      ['vpc', 'subformat=dynamic,force_size', 'vhd'],
      ['vhdx', 'subformat=dynamic', 'vhdx'],
      ['qcow2', 'compat=1.1', 'qcow2'],
    ])('%s %s is the same disk', async (format, options, container) => {
      const copy = join(folder, `copy.${format}`);
      run('qemu-img', 'convert', '-O', format, '-o', options, disk, copy);
      await withImage(copy, (image) => expect(image.disk?.container.format).toBe(container));
      expect(await shown(copy)).toEqual(await shown(disk));
    });
  });

  describeWith(['loop'], 'on a block device', () => {
    test('is read as from a file', async () => {
      const loop = run('losetup', '-f', '--show', '-r', disk).trim();
      try {
        await withImage(loop, (image) => {
          expect(image.disk?.container.fileSize).toBe(statSync(disk).size);
          expect(image.rootFs.readText('/etc/hostname')).toBe('host\n');
        });
      } finally {
        run('losetup', '-d', loop);
      }
    });
  });
});

describeWith([{ program: 'sfdisk', package: 'fdisk' }, mkfsExt], 'a disk with an MBR and a logical partition', () => {
  test('has its root there', async () => {
    const root = files('mbr', {
      'etc/os-release': 'ID=debian\n',
      'etc/fstab': '/dev/sda5 / ext4 defaults 0 1\nPARTUUID=1A2B3C4D-01 /boot ext3 defaults 0 2\n',
      'boot/': '',
    });
    const boot = files('mbr-boot', { vmlinuz: 'k' });
    const disk = emptyFile(join(folder, 'mbr.img'), 100);
    const script = join(folder, 'mbr.script');
    writeFileSync(script, 'label: dos\nlabel-id: 0x1a2b3c4d\n2048,40960,83\n43008,,5\n45056,81920,83\n');
    run('sh', '-c', 'sfdisk -q "$0" <"$1"', disk, script);
    writeAt(disk, 1, makeFileSystem(join(folder, 'mbr1'), 20, { type: 'ext3', files: boot }));
    writeAt(disk, 22, makeFileSystem(join(folder, 'mbr5'), 40, { type: 'ext4', files: root }));
    await withImage(disk, (image) => {
      expect(image.disk?.table.scheme).toBe('mbr');
      expect(mountsOf(image)).toEqual(['/ p5 content 1', '/boot p1 fstab 2']);
      expect(image.rootFs.readText('/boot/vmlinuz')).toBe('k');
    });
    const whole = files('mbr-whole', {
      'etc/os-release': 'ID=debian\n',
      'etc/fstab': readFileSync(join(root, 'etc/fstab'), 'utf8'),
      'boot/vmlinuz': 'k',
    });
    expect(await shown(disk)).toEqual(written(whole));
  });
});

describeWith(
  [sgdisk, mkfsExt, { program: 'mkfs.xfs', package: 'xfsprogs' }, { program: 'vgcreate', package: 'lvm2' }, 'loop'],
  'a disk as RHEL has it, with XFS on logical volumes and /usr on one of its own',
  () => {
    test('is put together across the volumes', async () => {
      const fstab =
        '/dev/mapper/root--vg-rootlv / xfs defaults 0 0\nUUID=3a4b5c6d-7e8f-4a0b-9c1d-2e3f4a5b6c7d /boot xfs defaults 0 0\n/dev/root-vg/usrlv /usr xfs defaults 0 0\n';
      const root = files('rhel', {
        'etc/os-release': '->../usr/lib/os-release',
        'etc/fstab': fstab,
        bin: '->usr/bin',
        'usr/': '',
        'boot/': '',
      });
      const usr = files('rhel-usr', { 'lib/os-release': 'ID=rhel\n', 'bin/sh': '#!', 'etc/x': '' });
      const boot = files('rhel-boot', { 'loader/entries/a.conf': 'title x\n' });
      const uuid = '3a4b5c6d-7e8f-4a0b-9c1d-2e3f4a5b6c7d';
      const disk = makeGptDisk(join(folder, 'rhel.img'), [
        { number: 2, size: 320, type: 'xfs', uuid, files: boot },
        { number: 4, size: 680, code: '8e00', type: 'ext4' },
      ]);
      const start = 321;
      const loop = run(
        'losetup',
        '-f',
        '--show',
        '-o',
        `${start * 1024 * 1024}`,
        '--sizelimit',
        `${680 * 1024 * 1024}`,
        disk,
      ).trim();
      const places: [string, number][] = [];
      try {
        const only = `devices{use_devicesfile=0 filter=["a|^${loop}$|","r|.*|"]} global{event_activation=0}`;
        run('pvcreate', '-ff', '-y', '-q', '--config', only, loop);
        run('vgcreate', '-q', '--config', only, 'root-vg', loop);
        for (const name of ['rootlv', 'usrlv'])
          run(
            'lvcreate',
            '-q',
            '-y',
            '--config',
            only,
            '--driverloaded',
            'n',
            '-an',
            '-Zn',
            '-Wn',
            '-L',
            '320M',
            '-n',
            name,
            'root-vg',
          );
        const segments = run('pvs', '--config', only, '--segments', '--noheadings', '-o', 'lv_name,pvseg_start', loop);
        for (const line of segments.trim().split('\n')) {
          const [name, extent] = line.trim().split(/\s+/);
          if (name && extent) places.push([name, start + 1 + Number(extent) * 4]);
        }
      } finally {
        run('losetup', '-d', loop);
      }
      for (const [name, at] of places)
        writeAt(
          disk,
          at,
          makeFileSystem(join(folder, name), 320, { type: 'xfs', files: name === 'usrlv' ? usr : root }),
        );
      await withImage(disk, (image) => {
        expect(image.disk?.plan).toMatchObject({ candidates: ['root-vg/rootlv'], missing: [] });
        expect(mountsOf(image)).toEqual([
          '/ root-vg/rootlv content 1',
          '/boot p2 fstab 2',
          '/usr root-vg/usrlv fstab 3',
        ]);
        expect(image.rootFs.readText('/etc/os-release')).toBe('ID=rhel\n');
        expect(image.rootFs.realPath('/bin/sh')).toBe('/usr/bin/sh');
        expect(image.notices).toBeUndefined();
      });
      const whole = files('rhel-whole', {
        'etc/os-release': '->../usr/lib/os-release',
        'etc/fstab': fstab,
        bin: '->usr/bin',
        'usr/lib/os-release': 'ID=rhel\n',
        'usr/bin/sh': '#!',
        'usr/etc/x': '',
        'boot/loader/entries/a.conf': 'title x\n',
      });
      expect(await shown(disk)).toEqual(written(whole));
    });
  },
);

describeWith(
  [sgdisk, { program: 'mkfs.btrfs', package: 'btrfs-progs' }, 'loop'],
  'a disk as SUSE has it, its root a snapshot',
  () => {
    test('is read from the default subvolume, the others where fstab mounts them', async () => {
      const uuid = '2a3b4c5d-6e7f-4081-92a3-b4c5d6e7f809';
      const image = makeFileSystem(join(folder, 'suse.btrfs'), 200, { type: 'btrfs', uuid });
      const fstab = ['/', '/var', '/.snapshots', '/boot/grub2/x86_64-efi']
        .map((path) => `UUID=${uuid} ${path} btrfs ${path === '/' ? 'defaults' : `subvol=/@${path}`} 0 0\n`)
        .join('');
      mounted(image, 'btrfs', (top) => {
        const sub = (...words: string[]) => run('btrfs', 'subvolume', ...words);
        sub('create', `${top}/@`);
        for (const name of ['var', '.snapshots']) sub('create', `${top}/@/${name}`);
        mkdirSync(`${top}/@/boot/grub2`, { recursive: true });
        sub('create', `${top}/@/boot/grub2/x86_64-efi`);
        writeFileSync(`${top}/@/boot/grub2/x86_64-efi/core.efi`, 'pe');
        mkdirSync(`${top}/@/var/log`);
        writeFileSync(`${top}/@/var/log/messages`, 'line\n');
        mkdirSync(`${top}/@/.snapshots/1`);
        sub('create', `${top}/@/.snapshots/1/snapshot`);
        const root = `${top}/@/.snapshots/1/snapshot`;
        for (const path of ['etc', 'usr/lib', 'var', '.snapshots', 'boot/grub2/x86_64-efi'])
          mkdirSync(`${root}/${path}`, { recursive: true });
        writeFileSync(`${root}/etc/fstab`, fstab);
        writeFileSync(`${root}/etc/os-release`, 'ID=sles\n');
        mkdirSync(`${top}/@/.snapshots/2`);
        sub('snapshot', '-r', root, `${top}/@/.snapshots/2/snapshot`);
        sub('set-default', run('btrfs', 'inspect-internal', 'rootid', root).trim(), top);
      });
      const disk = makeGptDisk(join(folder, 'suse.img'), [{ number: 3, size: 200, type: 'ext4' }]);
      writeAt(disk, 1, emptyFile(join(folder, 'nothing'), 200));
      run('dd', `if=${image}`, `of=${disk}`, 'bs=1M', 'seek=1', 'conv=notrunc', 'status=none');
      await withImage(disk, (opened) => {
        expect(opened.disk?.plan).toMatchObject({ candidates: ['p3'], missing: [] });
        expect(mountsOf(opened)).toEqual([
          '/ p3:@/.snapshots/1/snapshot content 1',
          '/var p3:@/var fstab 2',
          '/.snapshots p3:@/.snapshots fstab 3',
          '/boot/grub2/x86_64-efi p3:@/boot/grub2/x86_64-efi fstab 4',
        ]);
        expect(opened.rootFs.readText('/var/log/messages')).toBe('line\n');
        expect(opened.rootFs.readText('/boot/grub2/x86_64-efi/core.efi')).toBe('pe');
        expect(opened.rootFs.readText('/.snapshots/2/snapshot/etc/os-release')).toBe('ID=sles\n');
        expect(opened.rootFs.readDir('/.snapshots/1/snapshot/var')).toEqual([]);
      });
    });
  },
);

describeWith(
  [sgdisk, mkfsExt, mkfsFat, mtools, { program: 'mkfs.btrfs', package: 'btrfs-progs' }],
  'a disk as Flatcar has it',
  () => {
    test('gets /usr by its label and /etc out of /usr', async () => {
      const usr = files('flatcar-usr', {
        'lib/os-release': 'ID=flatcar\n',
        'share/flatcar/etc/os-release': '->../usr/lib/os-release',
        'share/flatcar/etc/ssh/sshd_config': 'vendor\n',
        'bin/sh': '#!',
      });
      const disk = makeGptDisk(join(folder, 'flatcar.img'), [
        {
          number: 1,
          size: 40,
          code: 'ef00',
          name: 'EFI-SYSTEM',
          type: 'vfat',
          files: files('flatcar-efi', { 'EFI/boot/grub.cfg': 'x\n' }),
        },
        { number: 3, size: 120, name: 'USR-A', type: 'btrfs', files: usr },
        {
          number: 6,
          size: 120,
          name: 'OEM',
          type: 'btrfs',
          label: 'OEM',
          files: files('flatcar-oem', { 'grub.cfg': 'set oem_id=azure\n' }),
        },
        { number: 9, size: 40, name: 'ROOT', type: 'ext4', label: 'ROOT' },
      ]);
      await withImage(disk, (image) => {
        expect(mountsOf(image)).toEqual(['/ p9 content', '/usr p3 label', '/boot p1 label', '/oem p6 label']);
        expect(image.rootFs.readText('/etc/os-release')).toBe('ID=flatcar\n');
        expect(image.rootFs.readText('/etc/ssh/sshd_config')).toBe('vendor\n');
        expect(image.rootFs.readText('/oem/grub.cfg')).toBe('set oem_id=azure\n');
        expect(image.rootFs.readText('/boot/EFI/boot/grub.cfg')).toBe('x\n');
      });
    });
  },
);

describeWith(
  [{ program: 'mkfs.btrfs', package: 'btrfs-progs' }, 'loop'],
  'a file system that was copied while it was mounted',
  () => {
    test('is read only where that is allowed, and then said', async () => {
      const live = makeFileSystem(join(folder, 'live'), 120, {
        type: 'btrfs',
        files: files('live-root', { 'etc/os-release': 'ID=old\n' }),
      });
      const copy = join(folder, 'copy');
      mounted(live, 'btrfs', (top) => {
        run('sync', '-f', top);
        writeFileSync(join(top, 'etc/hostname'), 'new\n');
        run('sync', join(top, 'etc/hostname'));
        run('cp', live, copy);
      });
      const refused = await openTarget(copy);
      expect(() => refused.rootFs.readText('/etc/os-release')).toThrow(
        /lies on disk, whose btrfs is not clean: it was not unmounted/,
      );
      expect(() => refused.rootFs.stat('/etc/hostname')).toThrow(/not clean/);
      expect(refused.notices).toBeUndefined();
      refused.close?.();
      const allowed = await openTarget(copy, { allowDirty: true });
      expect(allowed.rootFs.readText('/etc/os-release')).toBe('ID=old\n');
      expect(allowed.notices).toEqual([expect.stringMatching(/^disk was not unmounted cleanly and is read as it is/)]);
      allowed.close?.();
    });
  },
);

describe('what is no disk', () => {
  test.each([
    ['a text', Buffer.from('x'.repeat(2000)), 'holds no Linux root: disk holds nothing that is recognised'],
    [
      'a compressed disk',
      Buffer.concat([Buffer.from('\xfd7zXZ\0', 'latin1'), Buffer.alloc(2000)]),
      'is compressed by xz',
    ],
  ])('%s is refused with its reason', async (_name, bytes, reason) => {
    const path = join(folder, 'other');
    writeFileSync(path, bytes);
    await expect(openTarget(path)).rejects.toThrow(
      expect.objectContaining({ code: 'TARGET', message: expect.stringMatching(`^${path}: .*${reason}`) }),
    );
  });
});
