import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import type { VolumeGroup } from '../../src/disk/volume.ts';
import { readVolumeGroups } from '../../src/disk/volumes/lvm.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { type Lvm, realLvm, sparseImage, withLvm } from './lvm-image.ts';
import { sequence } from './memory-disk.ts';
import { describeWith, workFolder } from './tools.ts';

const folder = workFolder();
const images = ['a', 'b', 'c'].map((name) => join(folder, `${name}.img`));
const EXTENT = 1024 * 1024;

/** Fresh images, as many as `use` takes. */
function onImages<T>(count: number, mebibytes: number, use: (lvm: Lvm) => T): T {
  const used = images.slice(0, count);
  for (const path of used) sparseImage(path, mebibytes);
  return withLvm(folder, used, use);
}

function withDevices<T>(count: number, use: (devices: readonly FileDevice[]) => T): T {
  const devices = images.slice(0, count).map((path) => new FileDevice(path));
  try {
    return use(devices);
  } finally {
    for (const device of devices) device.close();
  }
}

/** The groups on the images; those of `missing` are not given to the reader. */
function groups(devices: readonly BlockDevice[], missing: readonly number[] = []): readonly VolumeGroup[] {
  const candidates = devices.flatMap((device, index) => (missing.includes(index) ? [] : [{ id: `p${index}`, device }]));
  return readVolumeGroups(candidates).groups;
}

/** Writes noise over the whole of each image's extents, so that each byte tells where it stands. */
function fillExtents(count: number, size: number): Buffer[] {
  return images.slice(0, count).map((path, index) => {
    const words = new Uint32Array(size / 4);
    for (let at = 0; at < words.length; at++) words[at] = Math.imul(at * 4 + index, 0x9e3779b1);
    const bytes = Buffer.from(words.buffer);
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, bytes, EXTENT, size - EXTENT, EXTENT);
    closeSync(descriptor);
    return bytes;
  });
}

/** Content of each logical volume as `lvs` places its segments. */
function expectedContents(lvm: Lvm, disks: readonly Buffer[]): Map<string, Buffer> {
  const rows = lvm.report('lvs', 'lv_name,seg_start,seg_size,stripes,stripe_size,devices', 'vg0');
  const contents = new Map<string, Buffer>();
  const number = (row: Record<string, string>, field: string) => Number.parseInt(row[field] ?? '', 10);
  for (const row of [...rows].sort((a, b) => number(a, 'seg_start') - number(b, 'seg_start'))) {
    const areas = (row['devices'] ?? '').split(',').map((text) => {
      const [, device = '', extent = '0'] = /^(.*)\((\d+)\)$/.exec(text) ?? [];
      return { disk: disks[lvm.devices.indexOf(device)] ?? Buffer.alloc(0), offset: (1 + Number(extent)) * EXTENT };
    });
    const size = number(row, 'seg_size');
    const stripe = areas.length === 1 ? size : number(row, 'stripe_size');
    const pieces = [contents.get(row['lv_name'] ?? '') ?? Buffer.alloc(0)];
    for (let at = 0; at < size; at += stripe) {
      const turn = at / stripe;
      const area = areas[turn % areas.length];
      const from = (area?.offset ?? 0) + Math.floor(turn / areas.length) * stripe;
      pieces.push(area?.disk.subarray(from, from + stripe) ?? Buffer.alloc(0));
    }
    contents.set(row['lv_name'] ?? '', Buffer.concat(pieces));
  }
  return contents;
}

describeWith(realLvm, 'a volume group of the real lvm', () => {
  test('gives each byte of linear, striped and pieced volumes as lvs places them', () => {
    onImages(3, 18, (lvm) => {
      lvm('pvcreate', '-y', ...lvm.devices);
      lvm('vgcreate', '-s', '1m', 'vg0', ...lvm.devices);
      lvm.create('-n', 'one', '-l', '3', 'vg0', lvm.devices[0] ?? '');
      lvm.create('-n', 'striped', '-i', '3', '-I', '64', '-l', '9', 'vg0');
      lvm.create('-n', 'in-the-way', '-l', '2', 'vg0', lvm.devices[0] ?? '');
      lvm.create('-n', 'root--lv', '-l', '1', 'vg0', lvm.devices[0] ?? '');
      lvm.create('-n', 'behind', '-l', '1', 'vg0', lvm.devices[0] ?? '');
      const extend = ['--driverloaded', 'n', '-y'];
      lvm('lvextend', ...extend, '-l', '+4', 'vg0/one', lvm.devices[1] ?? '');
      lvm('lvextend', ...extend, '-l', '+5', 'vg0/one', lvm.devices[0] ?? '');
      lvm('lvextend', ...extend, '-i', '2', '-I', '128', '-l', '+4', 'vg0/striped', ...lvm.devices.slice(1));
      lvm('lvremove', ...extend, 'vg0/in-the-way');
      lvm.create('-n', 'spread', '-l', '14', 'vg0');

      const disks = fillExtents(3, 18 * EXTENT);
      const expected = expectedContents(lvm, disks);
      const rows = lvm.report('lvs', 'lv_name,lv_uuid,lv_size,vg_name,vg_uuid', 'vg0');
      withDevices(3, (devices) => {
        const [group] = groups(devices);
        expect(group).toMatchObject({ name: 'vg0', uuid: rows[0]?.['vg_uuid'], extentSize: EXTENT });
        expect(group?.physicalVolumes.map(({ uuid, volume }) => [uuid, volume])).toEqual(
          lvm.report('pvs', 'pv_uuid').map((row, index) => [row['pv_uuid'], `p${index}`]),
        );
        const volumes = group?.logicalVolumes ?? [];
        expect(volumes.map(({ name, uuid, size }) => `${name} ${uuid} ${size}B`).sort()).toEqual(
          rows.map((row) => `${row['lv_name']} ${row['lv_uuid']} ${row['lv_size']}`).sort(),
        );
        expect(volumes.map(({ name }) => name)).toContain('root--lv');
        const next = sequence(5);
        for (const { name, device, size } of volumes) {
          const content = expected.get(name) ?? Buffer.alloc(0);
          expect(content.length).toBe(size);
          expect(Buffer.compare(device?.read(0, size) ?? new Uint8Array(0), content)).toBe(0);
          for (let round = 0; round < 60; round++) {
            const offset = next(size);
            const length = Math.min(next(300_000), size - offset);
            const bytes = device?.read(offset, length) ?? new Uint8Array(0);
            expect(Buffer.compare(bytes, content.subarray(offset, offset + length))).toBe(0);
          }
          expect(() => device?.read(size - 1, 2)).toThrow(`logical volume vg0/${name} at byte ${size - 1} reaches`);
        }
      });
    });
  });

  test('of which a physical volume is missing keeps the volumes that do not need it', () => {
    onImages(3, 16, (lvm) => {
      // Only the first and the last keep a copy of the metadata.
      lvm('pvcreate', '-y', ...lvm.devices.slice(0, 1), ...lvm.devices.slice(2));
      lvm('pvcreate', '-y', '--metadatacopies', '0', lvm.devices[1] ?? '');
      lvm('vgcreate', '-s', '1m', 'vg0', ...lvm.devices);
      lvm.create('-n', 'root', '-l', '4', 'vg0', lvm.devices[0] ?? '');
      lvm.create('-n', 'home', '-l', '4', 'vg0', lvm.devices[1] ?? '');
      lvm.create('-n', 'both', '-i', '2', '-l', '4', 'vg0', ...lvm.devices.slice(0, 2));
    });
    withDevices(3, (devices) => {
      const read = (missing: readonly number[]) =>
        groups(devices, missing).flatMap(({ logicalVolumes }) =>
          logicalVolumes.map(({ name, size, problem }) => `${name} ${size / EXTENT} ${problem?.kind ?? 'ok'}`),
        );
      expect(read([])).toEqual(['root 4 ok', 'home 4 ok', 'both 4 ok']);
      expect(read([1])).toEqual(['root 4 ok', 'home 4 corrupt', 'both 4 corrupt']);
      expect(read([0])).toEqual(['root 4 corrupt', 'home 4 ok', 'both 4 corrupt']);
      expect(read([0, 2])).toEqual([]);
      const [group] = groups(devices, [1]);
      const uuid = group?.physicalVolumes[1]?.uuid;
      expect(group?.physicalVolumes.map(({ volume }) => volume)).toEqual(['p0', undefined, 'p2']);
      expect(group?.logicalVolumes[1]?.problem?.message).toBe(
        `logical volume vg0/home needs the physical volume ${uuid}, which is not on this disk`,
      );
      const alone = readVolumeGroups([{ id: 'p1', device: devices[1] ?? { size: 0, read: () => new Uint8Array(0) } }]);
      expect(alone).toEqual({ groups: [], members: new Map([['p1', undefined]]) });
    });
  });

  test('is read by its newest metadata after many changes, also where the ring goes on at its start', () => {
    onImages(2, 16, (lvm) => {
      lvm(
        'pvcreate',
        '-y',
        '--metadatasize',
        '60k',
        '--dataalignment',
        '4k',
        '--pvmetadatacopies',
        '2',
        ...lvm.devices,
      );
      const tags = Array.from({ length: 8 }, (_, index) => ['--addtag', `${index}`.repeat(900)]);
      lvm('vgcreate', '-s', '1m', ...tags.flat(), 'vg0', ...lvm.devices);
      lvm.create('-n', 'name0', '-l', '2', 'vg0');
      lvm.create('-n', 'other', '-l', '2', 'vg0');
      withDevices(2, (devices) => {
        let wraps = 0;
        for (let change = 1; change <= 14; change++) {
          lvm('lvrename', '--driverloaded', 'n', 'vg0', `name${change - 1}`, `name${change}`);
          const [group] = groups(devices);
          expect(group?.logicalVolumes.map(({ name, problem }) => [name, problem])).toEqual([
            [`name${change}`, undefined],
            ['other', undefined],
          ]);
          const header = Buffer.from(devices[0]?.read(4096, 64) ?? []);
          if (header.readBigUInt64LE(40) + header.readBigUInt64LE(48) > header.readBigUInt64LE(32)) wraps += 1;
        }
        expect(wraps).toBeGreaterThan(0);
      });
    });
  });

  test('that is exported is not read', () => {
    onImages(1, 16, (lvm) => {
      lvm('pvcreate', '-y', ...lvm.devices);
      lvm('vgcreate', '-s', '1m', 'vg0', ...lvm.devices);
      lvm.create('-n', 'root', '-l', '4', 'vg0');
      lvm('vgexport', '--driverloaded', 'n', 'vg0');
      withDevices(1, (devices) => {
        expect(groups(devices)[0]?.logicalVolumes[0]).toMatchObject({
          device: undefined,
          problem: { kind: 'unsupported', advice: expect.stringContaining('vgimport vg0') },
        });
      });
    });
  });

  test('shows the volumes that lvs shows, and names the type of those that are not read', () => {
    onImages(2, 64, (lvm) => {
      lvm('pvcreate', '-y', ...lvm.devices);
      lvm('vgcreate', '-s', '1m', 'vg0', ...lvm.devices);
      const [{ vg_uuid: group = '' } = {}] = lvm.report('vgs', 'vg_uuid');
      const [first = '', second = ''] = lvm.report('pvs', 'pv_uuid').map((row) => row['pv_uuid'] ?? '');
      const file = join(folder, 'layers.vg');
      writeFileSync(file, layeredMetadata(group, first, second));
      lvm('vgcfgrestore', '--driverloaded', 'n', '--force', '-f', file, 'vg0');
      const shown = lvm.report('lvs', 'lv_name', 'vg0').map((row) => row['lv_name']);
      withDevices(2, (devices) => {
        const volumes = groups(devices)[0]?.logicalVolumes ?? [];
        expect(volumes.map(({ name }) => name).sort()).toEqual(shown.sort());
        expect(
          volumes.map(({ name, problem }) => [name, problem?.kind, problem?.message.split(' of type ')[1]]),
        ).toEqual([
          ['origin', undefined, undefined],
          ['snap', 'unsupported', 'snapshot (of origin)'],
          ['raid', 'unsupported', 'raid1'],
          ['mirrored', 'unsupported', 'mirror'],
          ['pool', 'unsupported', 'thin-pool'],
          ['thin', 'unsupported', 'thin'],
          ['plain', undefined, undefined],
        ]);
      });
    });
  });
});

/** Metadata with the layers that only device-mapper could create; vgcfgrestore checks it before it writes it. */
function layeredMetadata(group: string, first: string, second: string): string {
  let number = 0;
  const id = () => `layers-aaaa-aaaa-aaaa-aaaa-aaaa-${String(++number).padStart(6, '0')}`;
  const volume = (name: string, isVisible: boolean, segment: string) =>
    `${name} { id = "${id()}" status = ["READ", "WRITE"${isVisible ? ', "VISIBLE"' : ''}] flags = [] segment_count = 1
      segment1 { start_extent = 0 ${segment} } }`;
  const striped = (name: string, isVisible: boolean, start: number, count: number) =>
    volume(name, isVisible, `extent_count = ${count} type = "striped" stripe_count = 1 stripes = ["pv0", ${start}]`);
  const physical = (name: string, uuid: string) =>
    `${name} { id = "${uuid}" device = "/dev/none" status = ["ALLOCATABLE"] flags = [] dev_size = 131072 pe_start = 2048 pe_count = 63 }`;
  const volumes = [
    striped('origin', true, 0, 4),
    striped('snap', false, 4, 2),
    volume('snapshot0', true, 'extent_count = 4 type = "snapshot" chunk_size = 8 origin = "origin" cow_store = "snap"'),
    volume(
      'raid',
      true,
      `extent_count = 2 type = "raid1" device_count = 2 region_size = 1024
        raids = ["raid_rmeta_0", "raid_rimage_0", "raid_rmeta_1", "raid_rimage_1"]`,
    ),
    striped('raid_rmeta_0', false, 6, 1),
    striped('raid_rimage_0', false, 7, 2),
    volume('raid_rmeta_1', false, 'extent_count = 1 type = "striped" stripe_count = 1 stripes = ["pv1", 6]'),
    volume('raid_rimage_1', false, 'extent_count = 2 type = "striped" stripe_count = 1 stripes = ["pv1", 7]'),
    volume(
      'mirrored',
      true,
      'extent_count = 2 type = "mirror" mirror_count = 2 region_size = 1024 mirrors = ["mirrored_mimage_0", 0, "mirrored_mimage_1", 0]',
    ),
    striped('mirrored_mimage_0', false, 10, 2),
    volume('mirrored_mimage_1', false, 'extent_count = 2 type = "striped" stripe_count = 1 stripes = ["pv1", 10]'),
    volume(
      'pool',
      true,
      `extent_count = 4 type = "thin-pool" metadata = "pool_tmeta" pool = "pool_tdata" transaction_id = 1
        chunk_size = 128 discards = "passdown" zero_new_blocks = 1`,
    ),
    striped('pool_tmeta', false, 14, 4),
    striped('pool_tdata', false, 18, 4),
    volume('thin', true, 'extent_count = 8 type = "thin" thin_pool = "pool" transaction_id = 0 device_id = 1'),
    striped('plain', true, 24, 2),
  ];
  return `contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "test"
creation_time = 1700000000
vg0 { id = "${group}" seqno = 9 format = "lvm2" status = ["RESIZEABLE", "READ", "WRITE"] flags = []
  extent_size = 2048 max_lv = 0 max_pv = 0 metadata_copies = 0
  physical_volumes { ${physical('pv0', first)} ${physical('pv1', second)} }
  logical_volumes { ${volumes.join('\n')} } }
`;
}
