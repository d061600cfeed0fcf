import { describe, expect, test } from '@jest/globals';
import type { Disk } from '../../src/disk/disk.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystem, FileSystemState } from '../../src/disk/file-system.ts';
import type { Volume, VolumeContent } from '../../src/disk/volume.ts';
import { type ComposeOptions, composeRoot } from '../../src/image/compose.ts';
import type { MemoryTree } from '../../src/image/memory.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryTree, type Tree } from '../../src/testing/tree.ts';
import { memoryDisk } from '../disk/memory-disk.ts';

interface Fake {
  readonly id: string;
  readonly files?: Tree;
  readonly type?: FileSystem['type'];
  readonly uuid?: string;
  readonly label?: string;
  readonly partType?: string;
  readonly partUuid?: string;
  readonly partLabel?: string;
  readonly state?: FileSystemState;
  readonly content?: VolumeContent;
  /** By number: path and files; the default one is `files`. */
  readonly subvolumes?: Readonly<Record<number, readonly [path: string, files: Tree]>>;
  readonly defaultId?: number;
}

const nothing = memoryDisk(new Uint8Array(512));

function fileSystemOf(fake: Fake): FileSystem {
  const trees = new Map<number, MemoryTree>();
  for (const [id, [, files]] of Object.entries(fake.subvolumes ?? {})) trees.set(Number(id), memoryTree(files));
  const tree = trees.get(fake.defaultId ?? 5) ?? memoryTree(fake.files ?? {});
  const list = Object.entries(fake.subvolumes ?? {}).map(([id, [path]]) => ({ id: Number(id), path }));
  return {
    type: fake.type ?? (fake.subvolumes ? 'btrfs' : 'ext4'),
    uuid: fake.uuid,
    label: fake.label,
    size: 1,
    blockSize: 1,
    features: [],
    state: fake.state ?? { kind: 'clean' },
    complaints: [],
    tree,
    ...(fake.subvolumes && {
      subvolumes: {
        defaultId: fake.defaultId ?? 5,
        list: () => list,
        tree: (id: number) => trees.get(id) ?? tree,
      },
    }),
  };
}

function volumeOf(fake: Fake): Volume {
  const [, number] = /^p(\d+)$/.exec(fake.id) ?? [];
  const [, group, name] = /^([^/]+)\/([^/]+)$/.exec(fake.id) ?? [];
  return {
    id: fake.id,
    size: 512,
    device: nothing,
    ...(number && {
      partition: {
        number: Number(number),
        offset: 0,
        size: 512,
        type: fake.partType ?? '0fc63daf-8483-4772-8e79-3d69d8477de4',
        typeName: '',
        partUuid: fake.partUuid,
        label: fake.partLabel,
        bootable: false,
        device: nothing,
      },
    }),
    ...(group && name && { logicalVolume: { group, name, uuid: '', size: 512, device: nothing, problem: undefined } }),
    content: fake.content ?? { kind: 'file-system', fileSystem: fileSystemOf(fake) },
  };
}

function diskOf(...fakes: readonly Fake[]): Disk {
  return {
    container: { format: 'raw', fileSize: 512, virtualSize: 512 },
    device: nothing,
    table: {
      scheme: 'gpt',
      sectorSize: 512,
      partitions: [],
      diskId: undefined,
      mbr: { signature: true, bootCode: false, protective: true, hybrid: false },
      gpt: undefined,
      problems: [],
    },
    volumes: fakes.map(volumeOf),
    volumeGroups: [],
  };
}

function compose(options: ComposeOptions, ...fakes: readonly Fake[]) {
  const composed = composeRoot(diskOf(...fakes), options);
  return { ...composed, rootFs: new TreeRootFs(composed.tree, composed.missingVolumes) };
}

const root = (fstab: string, more: Tree = {}): Tree => ({
  '/etc/os-release': 'ID=debian\n',
  '/etc/fstab': fstab,
  '/boot': { dir: true },
  '/data': { dir: true },
  ...more,
});
const marked: Tree = { '/mark': 'here' };
const luks: VolumeContent = { kind: 'foreign', type: 'crypto_LUKS', uuid: 'c0ffee00-0000-0000-0000-000000000001' };

describe('an entry of fstab finds its volume', () => {
  const target: Fake = {
    id: 'p2',
    files: marked,
    uuid: 'ABCD-1234',
    label: 'My Boot',
    partUuid: '0a0b0c0d-0000-0000-0000-00000000000f',
    partLabel: 'Boot Part',
  };
  test.each([
    'UUID=ABCD-1234',
    'UUID=abcd-1234',
    'uuid=ABCD-1234',
    'UUID="ABCD-1234"',
    '/dev/disk/by-uuid/ABCD-1234',
    'LABEL=My\\040Boot',
    '/dev/disk/by-label/My\\134x20Boot',
    'PARTUUID=0A0B0C0D-0000-0000-0000-00000000000F',
    '/dev/disk/by-partuuid/0a0b0c0d-0000-0000-0000-00000000000f',
    'PARTLABEL=Boot\\040Part',
    '/dev/disk/by-partlabel/Boot\\134x20Part',
    '/dev/sda2',
    '/dev/vda2',
    '/dev/nvme0n1p2',
    '/dev/disk/azure/root-part2',
    '/dev/disk/cloud/azure_root-part2',
  ])('%s', (device) => {
    const { rootFs, plan } = compose({}, { id: 'p1', files: root(`# x\n${device} /boot auto defaults 0 2\n`) }, target);
    expect(rootFs.readText('/boot/mark')).toBe('here');
    expect(plan).toEqual({
      mounts: [
        { path: '/', volume: 'p1', by: 'content' },
        { path: '/boot', volume: 'p2', by: 'fstab', line: 2 },
      ],
      missing: [],
      candidates: ['p1'],
    });
  });

  test.each(['/dev/mapper/root--vg-my--lv', '/dev/root-vg/my-lv'])('%s, a logical volume', (device) => {
    const { rootFs } = compose(
      {},
      { id: 'p1', files: root(`${device} /data xfs defaults 0 0\n`) },
      { id: 'root-vg/my-lv', files: marked },
    );
    expect(rootFs.readText('/data/mark')).toBe('here');
  });

  test.each([
    ['the second disk', '/dev/sdb1 /data ext4 defaults 0 0'],
    ['the temporary disk', '/dev/disk/cloud/azure_resource-part1 /data auto defaults 0 2'],
    ['a data disk by its slot', '/dev/disk/azure/scsi1/lun0-part1 /data ext4 nofail 0 2'],
    ['the network', 'server:/export /data nfs defaults 0 0'],
    ['the DVD', '/dev/sr0 /data iso9660 ro 0 0'],
    ['tmpfs', 'tmpfs /data tmpfs defaults 0 0'],
    ['an entry that no boot mounts', 'UUID=none /data ext4 noauto 0 0'],
    ['swap', 'UUID=none none swap sw 0 0'],
  ])('%s belongs to no volume of the disk and misses none', (_name, line) => {
    const { rootFs, plan } = compose({}, { id: 'p1', files: root(`${line}\n`) });
    expect(plan.missing).toEqual([]);
    expect(rootFs.readDir('/data')).toEqual([]);
  });

  test.each(['UUID=dead-beef', 'LABEL=my boot', 'PARTLABEL=x', '/dev/mapper/vg-lv', '/dev/sda7'])(
    '%s, which no volume answers, makes what is below unreadable',
    (device) => {
      const fstab = `${device.replace(' ', '\\040')} /data ext4 defaults 0 0\n`;
      const { rootFs, plan, missingVolumes } = compose(
        {},
        { id: 'p1', files: root(fstab, { '/data/leftover': 'x' }) },
        target,
      );
      const reason = `lies on ${device}, a separate volume (/etc/fstab:1) that is not part of this target`;
      expect(plan.missing).toEqual([{ path: '/data', source: device, line: 1, reason }]);
      expect([...missingVolumes]).toEqual([['/data', reason]]);
      expect(() => rootFs.stat('/data/leftover')).toThrow(reason);
      expect(() => rootFs.readDir('/data')).toThrow(reason);
      expect(rootFs.stat('/data')).toMatchObject({ type: 'directory' });
      expect(rootFs.readDir('/')?.map(({ name }) => name)).toEqual(['boot', 'data', 'etc']);
    },
  );
});

describe('mounting', () => {
  test('goes from shorter to longer paths, whatever the order of the lines', () => {
    const { rootFs, plan } = compose(
      {},
      { id: 'p1', files: root('LABEL=EFI /boot/efi vfat defaults 0 0\nLABEL=BOOT /boot ext4 defaults 0 0\n') },
      { id: 'p2', label: 'EFI', files: { '/EFI/BOOT/BOOTX64.EFI': 'pe' }, type: 'vfat' },
      { id: 'p3', label: 'BOOT', files: { '/efi': { dir: true, mode: '0700' }, '/vmlinuz': 'k' } },
    );
    expect(plan.mounts.map(({ path }) => path)).toEqual(['/', '/boot', '/boot/efi']);
    expect(rootFs.readText('/boot/efi/EFI/BOOT/BOOTX64.EFI')).toBe('pe');
    expect([...rootFs.walk('/boot')].map(({ path }) => path)).toEqual([
      '/boot/efi',
      '/boot/vmlinuz',
      '/boot/efi/EFI',
      '/boot/efi/EFI/BOOT',
      '/boot/efi/EFI/BOOT/BOOTX64.EFI',
    ]);
  });

  test('hides what the mount point held, and leads up again by ".."', () => {
    const { rootFs } = compose(
      {},
      { id: 'p1', files: root('LABEL=B /boot ext4 defaults 0 0\n', { '/boot/hidden': 'x' }) },
      { id: 'p2', label: 'B', files: { '/up': { link: '../etc/os-release' }, '/abs': { link: '/etc/os-release' } } },
    );
    expect(rootFs.stat('/boot/hidden')).toBeUndefined();
    expect(rootFs.readText('/boot/up')).toBe('ID=debian\n');
    expect(rootFs.readText('/boot/abs')).toBe('ID=debian\n');
    expect(rootFs.realPath('/boot/up')).toBe('/etc/os-release');
  });

  test('follows links in the mount point, and makes directories that are not there', () => {
    const { rootFs } = compose(
      {},
      {
        id: 'p1',
        files: root('LABEL=B /srv/data ext4 defaults 0 0\nLABEL=C /mnt/a/b ext4 defaults 0 0\n', {
          '/srv': { link: 'data' },
        }),
      },
      { id: 'p2', label: 'B', files: marked },
      { id: 'p3', label: 'C', files: marked },
    );
    expect(rootFs.readText('/data/data/mark')).toBe('here');
    expect(rootFs.readText('/mnt/a/b/mark')).toBe('here');
    expect(rootFs.readDir('/mnt')).toEqual([{ name: 'a', type: 'directory' }]);
  });

  test('binds a directory within the image, without what is mounted below it', () => {
    const { rootFs } = compose(
      {},
      {
        id: 'p1',
        files: root(
          '/srv/x /data none bind 0 0\n/srv/x/in /boot none bind 0 0\nLABEL=B /srv/x/in ext4 defaults 0 0\n',
          {
            '/srv/x/file': 'bound',
            '/srv/x/in': { dir: true },
          },
        ),
      },
      { id: 'p2', label: 'B', files: marked },
    );
    expect(rootFs.readText('/data/file')).toBe('bound');
    expect(rootFs.readText('/srv/x/in/mark')).toBe('here');
    expect(rootFs.readDir('/data/in')).toEqual([]);
    expect(rootFs.readText('/boot/mark')).toBe('here');
  });

  test('belongs to a path: the same subvolume seen elsewhere has no mounts', () => {
    const main = root('UUID=1 /.snapshots btrfs subvol=@/.snapshots 0 0\nUUID=1 /var btrfs subvol=/@/var 0 0\n', {
      '/.snapshots': { dir: true },
      '/var': { dir: true },
      '/etc/hostname': 'h',
    });
    const { rootFs, plan } = compose(
      {},
      {
        id: 'p2',
        uuid: '1',
        defaultId: 260,
        subvolumes: {
          5: ['', { '/@': { dir: true } }],
          257: ['@/.snapshots', { '/1/info.xml': '<x/>' }],
          258: ['@/var', { '/log/x': 'x' }],
          260: ['@/.snapshots/1/snapshot', main],
          261: ['@/.snapshots/2/snapshot', main],
        },
      },
    );
    expect(plan).toEqual({
      mounts: [
        { path: '/', volume: 'p2', subvolume: '@/.snapshots/1/snapshot', by: 'content' },
        { path: '/.snapshots', volume: 'p2', subvolume: '@/.snapshots', by: 'fstab', line: 1 },
        { path: '/var', volume: 'p2', subvolume: '@/var', by: 'fstab', line: 2 },
      ],
      missing: [],
      candidates: ['p2'],
    });
    expect(rootFs.readText('/var/log/x')).toBe('x');
    expect(rootFs.readText('/.snapshots/1/info.xml')).toBe('<x/>');
  });

  test('needs no entry for the partitions that systemd finds by their types', () => {
    const { rootFs, plan } = compose(
      {},
      { id: 'p1', partType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', type: 'vfat', files: marked },
      { id: 'p2', partType: 'bc13c2ff-59e6-4262-a352-b275fd6f7172', files: { '/loader': 'x' } },
      { id: 'p3', files: { '/usr/lib/os-release': 'ID=x\n', '/efi': { dir: true }, '/boot': { dir: true } } },
    );
    expect(plan.mounts.slice(1)).toEqual([
      { path: '/boot', volume: 'p2', by: 'partition-type' },
      { path: '/efi', volume: 'p1', by: 'partition-type' },
    ]);
    expect(rootFs.readText('/efi/mark')).toBe('here');
  });

  test('heeds mount units of the places that matter, where nothing is there yet', () => {
    const unit = (what: string) =>
      `[Unit]\nDescription=x\n[Mount]\nWhat=${what}\nWhere=/var\nType=btrfs\nOptions=subvol=v\n`;
    const volume: Fake = { id: 'p2', label: 'V', subvolumes: { 5: ['', {}], 256: ['v', marked] } };
    const files = (more: Tree) => root('', { '/etc/systemd/system/var.mount': unit('/dev/disk/by-label/V'), ...more });
    const { rootFs, plan } = compose({}, { id: 'p1', files: files({ '/var': { dir: true } }) }, volume);
    expect(plan.mounts[1]).toEqual({ path: '/var', volume: 'p2', subvolume: 'v', by: 'unit' });
    expect(rootFs.readText('/var/mark')).toBe('here');
    expect(compose({}, { id: 'p1', files: files({ '/var/log': { dir: true } }) }, volume).plan.mounts).toHaveLength(1);
  });

  test('leaves a partition alone that fstab names with noauto, and one whose place is taken', () => {
    const esp = { partType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', type: 'vfat', files: marked } as const;
    const named = root('LABEL=x /boot/efi vfat noauto 0 0\n', { '/boot/efi': { dir: true } });
    expect(compose({}, { id: 'p1', ...esp }, { id: 'p2', files: named }).plan.mounts).toHaveLength(1);
    const taken = root('', { '/boot/efi/EFI': { dir: true } });
    expect(compose({}, { id: 'p1', ...esp }, { id: 'p2', files: taken }).plan.mounts).toHaveLength(1);
  });
});

describe('the root', () => {
  const self = (device: string) => root(`${device} / ext4 defaults 0 1\n`);

  test('is found although its os-release lies on another volume', () => {
    const { rootFs, plan } = compose(
      {},
      { id: 'vg/home', files: { '/user/x': '' } },
      {
        id: 'vg/root',
        files: {
          '/etc/os-release': { link: '../usr/lib/os-release' },
          '/etc/fstab': '/dev/mapper/vg-root / xfs defaults 0 0\n/dev/mapper/vg-usr /usr xfs defaults 0 0\n',
          '/bin': { link: 'usr/bin' },
          '/usr': { dir: true },
        },
      },
      { id: 'vg/usr', files: { '/lib/os-release': 'ID=rhel\n', '/bin/sh': 'sh', '/etc': { dir: true } } },
    );
    expect(plan.candidates).toEqual(['vg/root']);
    expect(plan.mounts[0]).toEqual({ path: '/', volume: 'vg/root', by: 'content', line: 1 });
    expect(rootFs.readText('/etc/os-release')).toBe('ID=rhel\n');
    expect(rootFs.readText('/bin/sh')).toBe('sh');
  });

  test('is, of several, the one whose fstab names itself', () => {
    const copy: Fake = { id: 'p1', uuid: 'a', files: self('UUID=b') };
    const original: Fake = { id: 'p2', uuid: 'b', files: self('UUID=b') };
    expect(compose({}, copy, original).plan.candidates).toEqual(['p2', 'p1']);
    expect(compose({}, copy, { ...original, uuid: 'c' }).plan.candidates).toEqual(['p1', 'p2']);
  });

  test.each(['p1', '1', '01'])('is the one that was asked for, %s', (name) => {
    const { plan } = compose(
      { rootVolume: name },
      { id: 'p1', files: self('UUID=b') },
      { id: 'p2', uuid: 'b', files: self('UUID=b') },
    );
    expect(plan.candidates).toEqual(['p1', 'p2']);
  });

  test('is a subvolume, where the top of a btrfs is none', () => {
    const fake: Fake = {
      id: 'p2',
      uuid: '1',
      subvolumes: {
        5: ['', { '/root': { dir: true }, '/home': { dir: true } }],
        256: ['backup', root('UUID=1 / btrfs subvol=root 0 0\n')],
        257: ['root', root('UUID=1 / btrfs subvol=root 0 0\nUUID=1 /data btrfs subvolid=258 0 0\n')],
        258: ['home', marked],
      },
    };
    const { plan, rootFs } = compose({}, fake);
    expect(plan.candidates).toEqual(['p2:root', 'p2:backup']);
    expect(plan.mounts).toEqual([
      { path: '/', volume: 'p2', subvolume: 'root', by: 'content', line: 1 },
      { path: '/data', volume: 'p2', subvolume: 'home', by: 'fstab', line: 2 },
    ]);
    expect(rootFs.readText('/data/mark')).toBe('here');
    expect(compose({ rootVolume: '2' }, fake).plan.candidates).toEqual(['p2:root', 'p2:backup']);
    expect(compose({ rootVolume: 'p2:/backup' }, fake).plan.mounts[0]?.subvolume).toBe('backup');
    expect(() => compose({ rootVolume: 'p2:gone' }, fake)).toThrow('p2 has no subvolume "gone"');
    expect(() => compose({ rootVolume: 'p2:home' }, fake)).toThrow(/^p2:home is not the root of a Linux system/);
  });

  test('of Flatcar is empty and gets /usr, and /etc over that of /usr', () => {
    const { rootFs, plan } = compose(
      {},
      { id: 'p1', partLabel: 'EFI-SYSTEM', type: 'vfat', files: { '/EFI/boot/grub.cfg': 'x' } },
      {
        id: 'p3',
        partLabel: 'USR-A',
        files: {
          '/lib/os-release': 'ID=flatcar\n',
          '/share/flatcar/etc/os-release': { link: '../usr/lib/os-release' },
          '/share/flatcar/etc/ssh/sshd_config': 'vendor',
          '/share/flatcar/etc/ssh/moduli': 'vendor',
          '/share/flatcar/etc/removed': 'vendor',
        },
      },
      { id: 'p6', partLabel: 'OEM', files: marked },
      {
        id: 'p9',
        partLabel: 'ROOT',
        files: { '/etc/ssh/sshd_config': 'own', '/etc/removed': { device: true }, '/etc/hostname': 'own' },
      },
    );
    expect(plan.candidates).toEqual(['p9']);
    expect(plan.mounts.map(({ path, volume, by }) => [path, volume, by])).toEqual([
      ['/', 'p9', 'content'],
      ['/usr', 'p3', 'label'],
      ['/boot', 'p1', 'label'],
      ['/oem', 'p6', 'label'],
    ]);
    expect(rootFs.readText('/etc/os-release')).toBe('ID=flatcar\n');
    expect(rootFs.readText('/etc/ssh/sshd_config')).toBe('own');
    expect(rootFs.readText('/etc/ssh/moduli')).toBe('vendor');
    expect(rootFs.stat('/etc/removed')).toBeUndefined();
    expect(rootFs.readDir('/etc')?.map(({ name }) => name)).toEqual(['hostname', 'os-release', 'ssh']);
    expect(rootFs.readDir('/etc/ssh')?.map(({ name }) => name)).toEqual(['moduli', 'sshd_config']);
    expect(rootFs.readText('/oem/mark')).toBe('here');
  });

  test.each<[string, ComposeOptions, readonly Fake[], string]>([
    [
      'an encrypted disk',
      {},
      [
        { id: 'p1', type: 'vfat', files: marked },
        { id: 'p3', content: luks },
      ],
      'holds no Linux root: p1 holds vfat, but no Linux root; p3 is LUKS-encrypted',
    ],
    [
      'a damaged file system',
      {},
      [
        {
          id: 'p1',
          content: {
            kind: 'unreadable',
            type: 'xfs',
            problem: new DiskError('corrupt', 'XFS superblock', 'has a wrong checksum', 0),
          },
        },
      ],
      'holds no Linux root: p1 cannot be read: XFS superblock at byte 0 has a wrong checksum',
    ],
    ['a disk without volumes', {}, [], 'the disk has no volumes'],
    ['nothing known', {}, [{ id: 'disk', content: { kind: 'unrecognised' } }], 'disk holds nothing that is recognised'],
    ['an empty file system', {}, [{ id: 'p1' }], 'p1 holds ext4 without files'],
    [
      'an ostree system',
      {},
      [{ id: 'p1', files: { '/ostree/repo': { dir: true } } }],
      'p1 holds ext4 with an ostree repository',
    ],
    [
      'a volume that was asked for and is not there',
      { rootVolume: 'p7' },
      [{ id: 'p1', files: self('x') }],
      'has no volume "p7"; its volumes are p1',
    ],
    [
      'a volume that was asked for and is encrypted',
      { rootVolume: '3' },
      [{ id: 'p3', content: luks }],
      'p3 is LUKS-encrypted',
    ],
    [
      'a volume that was asked for and is no root',
      { rootVolume: 'p1' },
      [{ id: 'p1', files: marked }],
      'p1 is not the root of a Linux system: it is no Linux root file system',
    ],
  ])('is not found on %s, which is said', (_name, options, fakes, message) => {
    expect(() => compose(options, ...fakes)).toThrow(
      expect.objectContaining({ code: 'TARGET', message: expect.stringContaining(message) }),
    );
  });
});

describe('the subvolume that boots', () => {
  const entry = (flags: string) => `options root=UUID=1 ro ${flags}\n`;
  const onOld = (flags: string, more: Tree = {}): Fake => ({
    id: 'p1',
    uuid: '1',
    subvolumes: {
      5: ['', {}],
      256: [
        '@old',
        root('UUID=1 / btrfs subvol=@old 0 0\n', {
          '/mark': 'old',
          '/boot/loader/entries/a.conf': entry(flags),
          ...more,
        }),
      ],
      257: ['@', root('UUID=1 / btrfs subvol=@old 0 0\n', { '/mark': 'new' })],
      258: ['home', {}],
    },
  });
  const booted = (fake: Fake, options: ComposeOptions = {}) => {
    const { plan, rootFs } = compose(options, fake);
    return [plan.candidates[0], rootFs.readText('/mark')];
  };
  const menu = "menuentry 'a' {\n\tlinux /@/boot/vmlinuz root=UUID=1 rootflags=subvol=@\n}\n";

  test.each<[string, Fake, string[]]>([
    ['is that of rootflags=, not of fstab', onOld('rootflags=subvol=@'), ['p1:@', 'new']],
    ['with other options around', onOld('rootflags=noatime,subvol=/@,x quiet'), ['p1:@', 'new']],
    ['by its number', onOld('rootflags=subvolid=257'), ['p1:@', 'new']],
    ['is that of grub.cfg', onOld('', { '/boot/grub/grub.cfg': menu }), ['p1:@', 'new']],
    ['is left to fstab without rootflags=', onOld('quiet'), ['p1:@old', 'old']],
    ['and where rootflags= choose no subvolume', onOld('rootflags=noatime'), ['p1:@old', 'old']],
    ['and where it is not there', onOld('rootflags=subvol=@gone'), ['p1:@old', 'old']],
    ['and where it holds no system', onOld('rootflags=subvol=home'), ['p1:@old', 'old']],
    [
      'and where entries differ',
      onOld('rootflags=subvol=@', { '/boot/loader/entries/b.conf': entry('rootflags=subvol=@old') }),
      ['p1:@old', 'old'],
    ],
  ])('%s', (_name, fake, expected) => {
    expect(booted(fake)).toEqual(expected);
  });

  test('is what the user asks for, whatever the entries say', () => {
    expect(booted(onOld('rootflags=subvol=@'), { rootVolume: 'p1:@old' })).toEqual(['p1:@old', 'old']);
  });
});

describe('what cannot be trusted or had', () => {
  const dirty: FileSystemState = { kind: 'dirty', reason: 'it was not unmounted', advice: 'unmount it' };

  test('a dirty root is found, and nothing of it can be read', () => {
    const { rootFs, plan, dirtyVolumes } = compose({}, { id: 'p1', files: root(''), state: dirty });
    expect(plan.candidates).toEqual(['p1']);
    expect(dirtyVolumes).toEqual(['p1']);
    for (const look of [
      () => rootFs.stat('/etc/passwd'),
      () => rootFs.readText('/etc/os-release'),
      () => rootFs.readDir('/'),
    ])
      expect(look).toThrow(/lies on p1, whose ext4 is not clean: it was not unmounted; unmount it$/);
  });

  test('a dirty volume leaves the others readable', () => {
    const { rootFs } = compose(
      {},
      { id: 'p1', files: root('LABEL=B /data xfs defaults 0 0\n') },
      { id: 'p2', label: 'B', files: marked, state: dirty },
    );
    expect(rootFs.readText('/etc/os-release')).toBe('ID=debian\n');
    expect(() => rootFs.readText('/data/mark')).toThrow('lies on p2, whose ext4 is not clean');
    expect(() => rootFs.stat('/data/absent')).toThrow('lies on p2, whose ext4 is not clean');
  });

  test('a dirty volume is read where that is allowed', () => {
    const { rootFs, dirtyVolumes } = compose({ allowDirty: true }, { id: 'p1', files: root(''), state: dirty });
    expect(rootFs.readText('/etc/os-release')).toBe('ID=debian\n');
    expect(dirtyVolumes).toEqual(['p1']);
  });

  test('a replayed journal is as good as a clean one', () => {
    const state: FileSystemState = { kind: 'replayed', detail: '3 blocks' };
    const { rootFs, dirtyVolumes } = compose({}, { id: 'p1', files: root(''), state });
    expect(rootFs.readText('/etc/os-release')).toBe('ID=debian\n');
    expect(dirtyVolumes).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      'by the UUID of its container',
      'UUID=C0FFEE00-0000-0000-0000-000000000001',
      'lies on UUID=C0FFEE00-0000-0000-0000-000000000001 (/etc/fstab:1), but p3 is LUKS-encrypted',
    ],
    ['by the name that crypttab gives it', '/dev/mapper/secret', 'lies on p3, which is LUKS-encrypted'],
  ])('an encrypted volume, %s, is the reason why nothing below can be read', (_name, device, reason) => {
    const { rootFs, plan } = compose(
      {},
      {
        id: 'p1',
        files: root(`${device} /data ext4 defaults 0 0\n`, {
          '/etc/crypttab': '# x\nsecret UUID=c0ffee00-0000-0000-0000-000000000001 none luks\n',
        }),
      },
      { id: 'p3', content: luks },
    );
    expect(plan.missing).toEqual([{ path: '/data', source: device, line: 1, reason }]);
    expect(() => rootFs.stat('/data/x')).toThrow(reason);
  });

  test('damage on the way to one mount point does not keep the others from being mounted', () => {
    const fstab =
      'LABEL=B /srv/x ext4 defaults 0 0\nLABEL=B /data ext4 defaults 0 0\n/srv/y /boot none bind 0 0\nLABEL=C /srv/z xfs defaults 0 0\n';
    const { rootFs, plan } = compose(
      {},
      { id: 'p1', files: root(fstab, { '/srv': { unreadable: 'its block has a wrong checksum', dir: true } }) },
      { id: 'p2', label: 'B', files: marked },
    );
    expect(plan.mounts.map(({ path }) => path)).toEqual(['/', '/data']);
    expect(rootFs.readText('/data/mark')).toBe('here');
    expect(() => rootFs.stat('/srv/x/mark')).toThrow('its block has a wrong checksum');
  });

  test('a volume that may be one of those that cannot be opened is told with them', () => {
    const problem = new DiskError('unsupported', 'logical volume vg/thin', 'is thinly provisioned');
    const { plan } = compose(
      {},
      { id: 'p1', files: root('UUID=b /data xfs defaults 0 0\n') },
      { id: 'p3', content: luks },
      { id: 'vg/thin', content: { kind: 'unreadable', type: 'logical volume', problem } },
    );
    expect(plan.missing[0]?.reason).toBe(
      'lies on UUID=b, a separate volume (/etc/fstab:1) that is not part of this target, or is closed: p3 is LUKS-encrypted; vg/thin cannot be read: logical volume vg/thin is thinly provisioned',
    );
  });

  test('a root that fstab names and the disk lacks is told, and the root stays readable', () => {
    const { rootFs, plan } = compose({}, { id: 'p1', uuid: 'a', files: root('UUID=b / ext4 defaults 0 1\n') });
    expect(plan.missing).toMatchObject([{ path: '/', source: 'UUID=b', line: 1 }]);
    expect(rootFs.readText('/etc/os-release')).toBe('ID=debian\n');
  });
});
