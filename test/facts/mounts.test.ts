import { describe, expect, it, test } from '@jest/globals';
import { isKnownFileSystem } from '../../src/facts/mount-plan/file-system-types.ts';
import { mountPlan } from '../../src/facts/mount-plan.ts';
import { rootDevice } from '../../src/facts/root-device.ts';
import { swapAreas } from '../../src/facts/swap-areas.ts';
import { temporaryDisk } from '../../src/facts/temporary-disk.ts';
import { deviceIdentifier } from '../../src/formats/device-identifier.ts';
import { deviceKind, volumeGroup } from '../../src/formats/device-kind.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

describe('devices', () => {
  test.each([
    ['UUID=x', 'ext4', 'identifier'],
    ['label=x', 'ext4', 'identifier'],
    ['/dev/disk/by-id/scsi-1', 'ext4', 'identifier'],
    ['/dev/mapper/vg-lv', 'xfs', 'identifier'],
    ['/dev/md/data', 'xfs', 'identifier'],
    ['/dev/md127', 'xfs', 'kernel-name'],
    ['/dev/md127p1', 'xfs', 'kernel-name'],
    ['/dev/xvdf', 'xfs', 'kernel-name'],
    ['/dev/nvme0n1p15', 'vfat', 'kernel-name'],
    ['/dev/mmcblk0p2', 'vfat', 'kernel-name'],
    ['/dev/dm-3', 'xfs', 'kernel-name'],
    ['/dev/sr0', 'iso9660', 'removable'],
    ['/dev/disk/azure/resource-part1', 'auto', 'temporary-disk'],
    ['/dev/zram0', 'swap', 'virtual'],
    ['/dev/loop3', 'squashfs', 'file'],
    ['/swap.img', 'swap', 'file'],
    ['tmpfs', 'tmpfs', 'virtual'],
    ['nas:/export', 'nfs4', 'network'],
    ['[fe80::1]:/export', 'nfs', 'network'],
    ['//s/share', 'auto', 'network'],
    ['share', 'virtiofs', 'shared-folder'],
  ])('%s of type %s is named by %s', (device, type, kind) => expect(deviceKind(device, type, [])).toBe(kind));

  it('a bind mount names a directory, whatever it looks like', () => {
    expect(deviceKind('/dev/shm', 'none', ['bind'])).toBe('file');
  });

  test.each([
    ['/dev/mapper/root--vg-usr--lv', 'root-vg'],
    ['/dev/root-vg/usr', 'root-vg'],
    ['/dev/disk/by-uuid/x', undefined],
    ['/dev/mapper/luks', undefined],
    ['UUID=x', undefined],
  ])('%s lies in the group %s', (device, group) => expect(volumeGroup(device)).toBe(group));

  test.each([
    ['UUID="9D2C"', { kind: 'uuid', value: '9d2c' }],
    ['/dev/disk/by-partuuid/9D2C', { kind: 'partuuid', value: '9d2c' }],
    ['LABEL=ROOT', { kind: 'label', value: 'ROOT' }],
    ['/dev/root-vg/lv', { kind: 'volume', value: 'root--vg-lv' }],
    ['/dev/mapper/root--vg-lv', { kind: 'volume', value: 'root--vg-lv' }],
    ['/dev/sda1', undefined],
  ])('%s is identified', (device, identifier) => expect(deviceIdentifier(device)).toEqual(identifier));

  test.each([
    ['ext4', true],
    ['udf,iso9660', true],
    ['fuse.glusterfs', true],
    ['noext4,xfs', true],
    ['ext5', false],
    ['', false],
    ['xfs,xsf', false],
  ])('type %s is known: %s', (type, known) => expect(isKnownFileSystem(type)).toBe(known));
});

describe('the mount plan', () => {
  const stops = async (line: string): Promise<boolean | undefined> =>
    (await imageFrom({ '/etc/fstab': `${line}\n` }).get(mountPlan)).mounts[0]?.stopsBoot;

  test.each([
    ['UUID=1 /data ext4 defaults', true],
    ['UUID=1 /data ext4', true],
    ['UUID=1 /data ext4 nofail', false],
    ['UUID=1 /data ext4 ro,noauto', false],
    ['UUID=1 /data ext4 nobootwait', false],
    ['UUID=1 /data ext4 x-systemd.automount', false],
    ['UUID=1 /data ext4 _netdev', false],
    ['nas:/x /data nfs defaults', false],
    ['UUID=1 none swap sw', false],
    ['UUID=1 data ext4 defaults', false],
    ['x-y /data fuse.sshfs nofailx', false],
  ])('%s stops the boot: %s', async (line, expected) => expect(await stops(line)).toBe(expected));

  it('shows no password of a share', async () => {
    const { mounts } = await imageFrom({
      '/etc/fstab': '//s/x /x cifs user=a,password="b,c",passwd=d,uid=0 0 0\n',
    }).get(mountPlan);
    expect(mounts[0]?.evidence.text).toBe('//s/x /x cifs user=a,password=***,passwd=***,uid=0 0 0');
  });

  it('takes native units for entries, with drop-ins and resets', async () => {
    const { mounts } = await imageFrom({
      '/usr/lib/systemd/system/data.mount': '[Mount]\nWhat=/dev/sdb1\nWhere=/data\nOptions=ro,nodev\n',
      '/etc/systemd/system/data.mount.d/disk.conf': '[Mount]\nWhat=LABEL=DATA\n',
      '/etc/systemd/system/local-fs.target.requires/data.mount': { link: '/usr/lib/systemd/system/data.mount' },
      '/usr/lib/systemd/system/proc-x.mount': '[Mount]\nWhat=x\nWhere=/proc/x\nType=x\n',
    }).get(mountPlan);
    expect(
      mounts.map(({ device, mountPoint, type, options, startsAtBoot, stopsBoot }) => ({
        device,
        mountPoint,
        type,
        options,
        startsAtBoot,
        stopsBoot,
      })),
    ).toEqual([
      {
        device: 'LABEL=DATA',
        mountPoint: '/data',
        type: 'auto',
        options: ['ro', 'nodev'],
        startsAtBoot: true,
        stopsBoot: true,
      },
      { device: 'x', mountPoint: '/proc/x', type: 'x', options: [], startsAtBoot: false, stopsBoot: false },
    ]);
    expect(mounts.map(({ hasUnknownType }) => hasUnknownType)).toEqual([false, true]);
  });

  it('has the root by fstab and by the entries that boot', async () => {
    const { byTable, byBootEntries } = await imageFrom({
      '/etc/fstab': 'UUID=A / xfs defaults 0 0\n',
      '/boot/extlinux/extlinux.conf': 'DEFAULT a\nLABEL a\n LINUX /vmlinuz\n APPEND root=/dev/sda1 root=UUID=B\n',
    }).get(rootDevice);
    expect([byTable?.identifier?.value, byBootEntries.map(({ identifier }) => identifier?.value)]).toEqual([
      'a',
      ['b'],
    ]);
  });
});

describe('swap areas', () => {
  const swapFile = (size: number, page: number) => {
    const bytes = new Uint8Array(size);
    bytes.set(new TextEncoder().encode('SWAPSPACE2'), page - 10);
    return { base64: Buffer.from(bytes).toString('base64') };
  };

  it('finds a file by the signature at the end of its first page, of any size, and reads no more', async () => {
    const image = imageFrom({
      '/swapfile': swapFile(8192, 4096),
      '/swap.img': swapFile(65_536, 65_536),
      '/var/swap': swapFile(8192, 8192),
    });
    expect((await image.get(swapAreas)).files.map(({ path }) => path)).toEqual(['/swapfile', '/swap.img']);
    expect(image.rootFs.usage.bytesRead).toBeLessThan(200);
  });

  it('looks at files that fstab names, and says what it could not see', async () => {
    const { files, unread, onOsDisk } = await imageFrom({
      '/etc/fstab': '/srv/swap none swap sw 0 0\n',
      '/srv/swap': swapFile(4096, 4096),
      '/swapfile': { unreadable: 'permission denied' },
    }).get(swapAreas);
    expect(files.map(({ path }) => path)).toEqual(['/srv/swap']);
    expect(onOsDisk.map(({ device, medium }) => [device, medium])).toEqual([['/srv/swap', 'file']]);
    expect(unread.every(isCouldNotRead) && unread.length).toBe(0);
  });
});

describe('the temporary disk', () => {
  const points = async (tree: Tree) =>
    (await imageFrom(tree).get(temporaryDisk)).mountPoints.map(({ path, by }) => `${path} by ${by}`);

  it('is mounted by whoever is told to', async () => {
    expect(await points({ '/usr/sbin/waagent': '', '/etc/waagent.conf': 'ResourceDisk.Format=y\n' })).toEqual([
      '/mnt/resource by waagent',
    ]);
    expect(await points({ '/usr/sbin/waagent': '', '/etc/waagent.conf': 'ResourceDisk.Format=n\n' })).toEqual([]);
    expect(await points({ '/etc/fstab': '/dev/disk/cloud/azure_resource-part1 /scratch/ auto nofail 0 2\n' })).toEqual([
      '/scratch by fstab',
    ]);
  });

  it('hides at most as many files as are named, and not those of another mount', async () => {
    const files = Object.fromEntries([...'abcdefgh'].map((name) => [`/scratch/${name}`, 'x']));
    const { hiddenFiles } = await imageFrom({
      ...files,
      '/scratch/disk/x': 'x',
      '/etc/fstab':
        '/dev/disk/cloud/azure_resource-part1 /scratch auto nofail 0 2\nUUID=1 /scratch/disk xfs nofail 0 2\n',
    }).get(temporaryDisk);
    expect(hiddenFiles.map(({ path }) => path)).toEqual([...'abcde'].map((name) => `/scratch/${name}`));
  });
});
