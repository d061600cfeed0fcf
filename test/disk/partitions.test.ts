import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { crc32 } from '../../src/disk/checksums.ts';
import type { PartitionTable } from '../../src/disk/partition-table.ts';
import { readPartitionTable } from '../../src/disk/partitions/read.ts';
import { memoryDisk, sequence, sparseDisk } from './memory-disk.ts';
import { bootSector, type Entry, gptDisk, type Record, sealGpt } from './partition-bytes.ts';

const MEBIBYTE = 1024 * 1024;

function mbr(size: number, sector: Buffer, others: { [at: number]: Buffer } = {}): PartitionTable {
  return readPartitionTable(sparseDisk(size, { 0: sector, ...others }));
}

function numbers(table: PartitionTable): number[] {
  return table.partitions.map(({ number }) => number);
}

describe('an MBR', () => {
  const linux = { type: 0x83, start: 2048, sectors: 2048 };

  test('gives its partitions with PARTUUID, type and place', () => {
    const table = mbr(
      4 * MEBIBYTE,
      bootSector(
        { ...linux, status: 0x80 },
        { type: 0, start: 0, sectors: 0 },
        {
          type: 0xef,
          start: 4096,
          sectors: 1024,
        },
      ),
    );
    expect(table).toMatchObject({
      scheme: 'mbr',
      sectorSize: 512,
      diskId: '1a2b3c4d',
      gpt: undefined,
      problems: [],
      mbr: { signature: true, bootCode: false, protective: false, hybrid: false },
      partitions: [
        {
          number: 1,
          offset: MEBIBYTE,
          size: MEBIBYTE,
          type: '0x83',
          typeName: 'Linux filesystem',
          partUuid: '1a2b3c4d-01',
          label: undefined,
          bootable: true,
        },
        { number: 3, type: '0xef', typeName: 'EFI system partition', partUuid: '1a2b3c4d-03', bootable: false },
      ],
    });
    expect(table.partitions[0]?.device?.size).toBe(MEBIBYTE);
  });

  test('without a valid signature or with an impossible status byte is none', () => {
    const unsigned = bootSector(linux);
    unsigned[511] = 0;
    expect(mbr(4 * MEBIBYTE, unsigned)).toMatchObject({ scheme: 'none', mbr: { signature: false } });
    expect(mbr(4 * MEBIBYTE, bootSector({ ...linux, status: 0x12 }))).toMatchObject({
      scheme: 'none',
      mbr: { signature: true },
    });
    expect(readPartitionTable(memoryDisk(new Uint8Array(100)))).toMatchObject({ scheme: 'none', partitions: [] });
  });

  test('that is the boot sector of a file system is none, unless it lists a partition', () => {
    const fat = bootSector();
    fat.write('\xeb\x3c\x90mkfs.fat', 0, 'latin1');
    fat.writeUInt16LE(512, 11);
    fat[13] = 4;
    fat.writeUInt16LE(1, 14);
    fat[16] = 2;
    fat[21] = 0xf8;
    const ntfs = bootSector();
    ntfs.write('\xeb\x52\x90NTFS    ', 0, 'latin1');
    ntfs.writeUInt16LE(512, 11);
    const exfat = bootSector();
    exfat.write('\xeb\x76\x90EXFAT   ', 0, 'latin1');
    const xfs = bootSector();
    xfs.write('XFSB', 0, 'latin1');
    for (const sector of [fat, ntfs, exfat, xfs]) expect(mbr(4 * MEBIBYTE, sector).scheme).toBe('none');
    bootSector(linux).copy(fat, 440, 440);
    expect(mbr(4 * MEBIBYTE, fat).scheme).toBe('mbr');
    expect(mbr(MEBIBYTE, fat).scheme).toBe('none');
    expect(mbr(4 * MEBIBYTE, bootSector()).scheme).toBe('mbr');
  });

  test('names partitions that leave the disk or overlap', () => {
    const table = mbr(
      4 * MEBIBYTE,
      bootSector(
        linux,
        { type: 0x83, start: 3000, sectors: 100 },
        { type: 0x83, start: 8000, sectors: 500 },
        {
          type: 0x83,
          start: 9000,
          sectors: 1,
        },
      ),
    );
    expect(table.problems).toEqual([
      'partition 3 reaches to byte 4352000, beyond the end of the disk at byte 4194304',
      'partition 4 begins at byte 4608000, beyond the end of the disk at byte 4194304',
      'partitions 1 and 2 overlap at byte 1536000',
    ]);
    expect(table.partitions.map(({ device }) => device?.size)).toEqual([MEBIBYTE, 51_200, undefined, undefined]);
  });

  test('with boot code says so', () => {
    const sector = bootSector(linux);
    sector[439] = 1;
    expect(mbr(4 * MEBIBYTE, sector).mbr.bootCode).toBe(true);
  });

  test('beside a GPT that it does not protect has a problem', () => {
    const disk = gptDisk(4096, [{ first: 100n, last: 199n }]);
    bootSector(linux).copy(disk);
    const table = readPartitionTable(memoryDisk(disk));
    expect(table).toMatchObject({ scheme: 'mbr', gpt: undefined });
    expect(table.problems).toContain(
      'a GPT header stands at byte 512, but the MBR has no entry of type 0xee, so Linux ignores the GPT',
    );
    disk.fill(0, 0, 512);
    expect(readPartitionTable(memoryDisk(disk))).toMatchObject({ scheme: 'none', partitions: [] });
  });
});

describe('a chain of extended boot records', () => {
  const extended = { type: 0x05, start: 100, sectors: 1000 };
  const link = (start: number, sectors = 50): Record => ({ type: 0x05, start, sectors });
  const data = (start = 1, sectors = 10): Record => ({ type: 0x83, start, sectors });
  const chain = (first: Buffer, others: { [sector: number]: Buffer }) =>
    mbr(
      MEBIBYTE,
      bootSector(extended),
      Object.fromEntries([
        [51_200, first],
        ...Object.entries(others).map(([at, sector]) => [Number(at) * 512, sector]),
      ]),
    );

  test('numbers logical partitions from 5 in its own order', () => {
    const table = chain(bootSector(data(), link(500)), {
      600: bootSector(data(2), link(200)),
      300: bootSector(data(3)),
    });
    expect(table.partitions.map(({ number, offset }) => [number, offset / 512])).toEqual([
      [1, 100],
      [5, 101],
      [6, 602],
      [7, 303],
    ]);
    expect(table.partitions[1]?.partUuid).toBe('1a2b3c4d-05');
    expect(table.partitions[0]?.device?.size).toBe(1024);
    expect(table.problems).toEqual([]);
  });

  test('that comes back to itself ends there', () => {
    const table = chain(bootSector(data(), link(500)), { 600: bootSector(data(), link(0)) });
    expect(numbers(table)).toEqual([1, 5, 6]);
    expect(table.problems).toEqual(['extended boot record at byte 51200 is part of its own chain']);
  });

  test('that leads beyond the disk or to no boot record keeps what came before', () => {
    const away = chain(bootSector(data(), link(100_000)), {});
    expect(numbers(away)).toEqual([1, 5]);
    expect(away.problems).toEqual([
      'extended boot record at byte 51251200 lies beyond the end of the disk at byte 1048576',
    ]);
    const blank = chain(bootSector(data(), link(500)), {});
    expect(numbers(blank)).toEqual([1, 5]);
    expect(blank.problems).toEqual(['extended boot record at byte 307200 does not end in 0x55 0xaa']);
    expect(chain(Buffer.alloc(512), {}).problems).toEqual([]);
  });

  test('ignores garbage in the third and fourth record', () => {
    const first = bootSector(data(), { type: 0, start: 0, sectors: 0 }, data(5000), data(20, 5));
    expect(chain(first, {}).partitions.map(({ offset }) => offset / 512)).toEqual([100, 101, 120]);
  });

  test('of more than 128 links is cut there', () => {
    const others = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [102 + 2 * index, bootSector(data(1, 1), link(4 + 2 * index, 2))]),
    );
    const table = chain(bootSector(data(1, 1), link(2, 2)), others);
    expect(table.partitions).toHaveLength(1 + 128);
    expect(table.problems.at(-1)).toContain('limit extendedPartitions, 128');
  });

  test('that leaves the extended partition has a problem', () => {
    const table = chain(bootSector(data(1, 1100)), {});
    expect(numbers(table)).toEqual([1, 5]);
    expect(table.problems).toEqual([
      'extended boot record at byte 51200 has a partition at byte 51712 outside of the extended partition',
    ]);
  });
});

describe('a GPT', () => {
  const entries: Entry[] = [
    { first: 100n, last: 199n, name: 'root-äö🐧' },
    { first: 300n, last: 300n },
  ];
  const read = (disk: Buffer) => readPartitionTable(memoryDisk(disk));

  test.each([512, 4096] as const)('with sectors of %i bytes gives its partitions', (sectorSize) => {
    const table = read(gptDisk(1000, entries, { sectorSize }));
    expect(table).toMatchObject({
      scheme: 'gpt',
      sectorSize,
      diskId: '77777777-7777-7777-7777-777777777777',
      mbr: { protective: true, hybrid: false },
      gpt: {
        primary: { offset: sectorSize, problem: undefined },
        backup: { offset: 999 * sectorSize, problem: undefined },
      },
      problems: [],
      partitions: [
        {
          number: 1,
          offset: 100 * sectorSize,
          size: 100 * sectorSize,
          type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
          typeName: 'Linux filesystem',
          partUuid: '01010101-0101-0101-0101-010101010101',
          label: 'root-äö🐧',
        },
        { number: 2, size: sectorSize, label: undefined },
      ],
    });
  });

  test('with a damaged primary copy is read from the backup', () => {
    for (const at of [512, 512 + 40, 1024, 1024 + 60]) {
      const disk = gptDisk(1000, entries);
      disk[at] = (disk[at] ?? 0) ^ 0xff;
      const table = read(disk);
      expect(table).toMatchObject({
        scheme: 'gpt',
        gpt: { primary: { offset: 512 }, backup: { offset: 999 * 512, problem: undefined } },
      });
      expect(table.gpt?.primary.problem).toMatch(/^the header (is not there|has the checksum)/);
      expect(numbers(table)).toEqual([1, 2]);
      expect(table.problems[0]).toContain('Linux reads that only with the kernel parameter gpt');
    }
  });

  test('with a damaged primary copy of 4096-byte sectors is read from the backup', () => {
    const disk = gptDisk(1000, entries, { sectorSize: 4096 });
    disk.fill(0, 4096, 8192);
    expect(read(disk)).toMatchObject({ sectorSize: 4096, gpt: { backup: { offset: 999 * 4096, problem: undefined } } });
  });

  test('with a damaged backup says where', () => {
    const disk = gptDisk(1000, entries);
    disk[disk.length - 100] = 1;
    expect(read(disk).gpt?.backup).toMatchObject({ offset: 999 * 512, problem: undefined });
    disk[disk.length - 512 + 57] = 1;
    expect(read(disk).gpt?.backup.problem).toMatch(/^the header has the checksum/);
    expect(read(disk).problems).toEqual([]);
  });

  test('of a disk that grew has its backup where the primary says', () => {
    const grown = Buffer.concat([gptDisk(1000, entries), Buffer.alloc(MEBIBYTE)]);
    expect(read(grown).gpt?.backup).toEqual({
      offset: 999 * 512,
      problem: `the header is not in the last sector of the disk, at byte ${grown.length - 512}: the disk grew after it was partitioned`,
    });
    grown.fill(0, 999 * 512);
    expect(read(grown).gpt?.backup.problem).toMatch(/^the header is not there/);
  });

  test('of a disk that was cut ends beyond it', () => {
    const table = read(gptDisk(1000, entries).subarray(0, 250 * 512));
    expect(table.gpt?.backup.problem).toBeDefined();
    expect(table.partitions).toEqual([]);
    const unchecked = gptDisk(1000, entries, { header: (header) => header.writeBigUInt64LE(240n, 48) });
    const cut = read(unchecked.subarray(0, 250 * 512));
    expect(cut.gpt?.backup.problem).toContain('the disk was cut');
    expect(cut.partitions.map(({ device }) => device?.size)).toEqual([51_200, undefined]);
    expect(cut.problems).toContain('partition 2 begins at byte 153600, beyond the end of the disk at byte 128000');
  });

  test('whose copies contradict each other says so', () => {
    const disk = gptDisk(1000, entries);
    const other = gptDisk(1000, [{ first: 100n, last: 120n }]);
    other.copy(disk, 900 * 512, 900 * 512);
    expect(read(disk).gpt?.backup.problem).toBe('the entries differ from those of the primary copy');
    const foreign = gptDisk(1000, entries, { header: (header) => header.fill(0x55, 56, 72) });
    foreign.copy(disk, 900 * 512, 900 * 512);
    expect(read(disk).gpt?.backup.problem).toContain('disk GUID 55555555-5555-5555-5555-555555555555');
  });

  test('without any good copy has no partitions', () => {
    const disk = Buffer.alloc(MEBIBYTE);
    bootSector({ type: 0xee, start: 1, sectors: 2047 }).copy(disk);
    expect(read(disk)).toMatchObject({
      scheme: 'gpt',
      partitions: [],
      diskId: undefined,
      problems: ['neither copy of the GPT can be used, so the disk has no partitions'],
      gpt: { primary: { offset: 512 }, backup: { offset: MEBIBYTE - 512 } },
    });
  });

  test('has problems for entries that end before they begin, leave the disk or overlap', () => {
    const table = read(
      gptDisk(1000, [
        { first: 200n, last: 100n },
        { first: 100n, last: 5000n },
        { first: 1n << 62n, last: (1n << 62n) + 1n },
        { first: 300n, last: 400n },
        { first: 400n, last: 500n },
        { first: 2n, last: 3n },
      ]),
    );
    expect(table.partitions.map(({ device }) => device !== undefined)).toEqual([false, false, false, true, true, true]);
    expect(table.problems).toEqual([
      'partition 6 is not within bytes 17408 to 495104, which the GPT has for partitions',
      'partition 1 ends before it begins at byte 102400',
      'partition 2 reaches to byte 2560512, beyond the end of the disk at byte 512000',
      'partition 3 begins at byte 2.3611832414348226e+21, beyond the end of the disk at byte 512000',
      'partitions 2 and 4 overlap at byte 153600',
      'partitions 2 and 5 overlap at byte 204800',
    ]);
  });

  test('with entries of 256 bytes is read, with a word of warning', () => {
    const table = read(gptDisk(1000, entries, { entryBytes: 256 }));
    expect(numbers(table)).toEqual([1, 2]);
    expect(table.problems).toEqual(['the GPT has entries of 256 bytes; Linux reads tables with 128 bytes only']);
  });

  test('beside other MBR entries is hybrid', () => {
    const disk = gptDisk(1000, entries);
    bootSector({ type: 0xee, start: 1, sectors: 33 }, { type: 0x83, start: 100, sectors: 100 }).copy(disk);
    expect(read(disk)).toMatchObject({ scheme: 'gpt', mbr: { protective: true, hybrid: true }, problems: [] });
  });

  test('behind a protective entry that begins elsewhere is not seen by Linux', () => {
    const disk = gptDisk(1000, entries);
    bootSector({ type: 0xee, start: 0, sectors: 1000 }).copy(disk);
    expect(read(disk).problems).toEqual([
      'the protective entry of the MBR begins with sector 0, not 1, so Linux ignores the GPT',
    ]);
  });

  test.each<[string, (header: Buffer) => void, RegExp]>([
    ['another place', (header) => header.writeBigUInt64LE(7n, 24), /stands in sector 7, and stands in sector 1/],
    ['a short header', (header) => header.writeUInt32LE(91, 12), /claims 91 bytes/],
    ['a long header', (header) => header.writeUInt32LE(513, 12), /claims 513 bytes/],
    ['usable sectors beyond the disk', (header) => header.writeBigUInt64LE(1000n, 48), /the disk ends with sector 999/],
    ['usable sectors in reverse', (header) => header.writeBigUInt64LE(10n, 48), /has sectors 34 to 10/],
    ['a number beyond all disks', (header) => header.fill(0xff, 48, 56), /larger than any disk/],
    ['small entries', (header) => header.writeUInt32LE(64, 84), /entries of 64 bytes/],
    ['uneven entries', (header) => header.writeUInt32LE(130, 84), /entries of 130 bytes/],
    ['huge entries', (header) => header.writeUInt32LE(1 << 30, 84), /entries of 1073741824 bytes/],
    ['no entries', (header) => header.writeUInt32LE(0, 80), /no entries/],
    ['too many entries', (header) => header.writeUInt32LE(0xffffffff, 80), /limit gptEntries, 1024/],
    ['entries beyond the disk', (header) => header.writeBigUInt64LE(995n, 72), /entries at byte 509440, beyond/],
    ['a wrong sum of entries', (header) => header.writeUInt32LE(5, 88), /checksum 0x00000005 for its entries/],
  ])('with %s is damaged', (_name, change, problem) => {
    const table = read(gptDisk(1000, entries, { header: change }));
    expect(table.partitions).toEqual([]);
    expect(table.gpt?.primary.problem).toMatch(problem);
  });

  test('that lost its primary copy is read from the golden image', () => {
    const image = join(import.meta.dirname, '..', '..', 'fixtures', 'images', 'gpt-lost-primary.img.gz');
    const table = read(gunzipSync(readFileSync(image)));
    expect(table).toMatchObject({
      scheme: 'gpt',
      sectorSize: 512,
      diskId: '11111111-2222-4333-8444-555555555555',
      gpt: { backup: { problem: undefined } },
    });
    expect(table.gpt?.primary.problem).toMatch(/^the header is not there/);
    expect(table.partitions.map(({ number, label, typeName }) => [number, label, typeName])).toEqual([
      [1, 'root', 'Linux root (x86-64)'],
      [14, undefined, 'BIOS boot partition'],
      [15, 'EFI', 'EFI system partition'],
    ]);
  });
});

describe('a damaged partition table', () => {
  /** Reads the table and a byte of each partition; anything that is thrown fails the test. */
  function touch(bytes: Buffer): number {
    const table = readPartitionTable(memoryDisk(bytes));
    for (const { device } of table.partitions) if (device && device.size > 0) device.read(device.size - 1, 1);
    return table.partitions.length;
  }

  test('of a GPT never throws and never gives a device beyond the disk', () => {
    const original = gptDisk(600, [
      { first: 100n, last: 199n },
      { first: 300n, last: 310n },
    ]);
    const next = sequence(11);
    let withPartitions = 0;
    for (let round = 0; round < 600; round++) {
      const disk = Buffer.from(original);
      for (let count = 1 + next(6); count > 0; count--) {
        const area = [446, 512, 512, 1024, 1152, 599 * 512][next(6)] ?? 0;
        disk[area + next(area === 446 ? 66 : 96)] = next(3) === 0 ? 0xff : next(256);
      }
      if (round % 2 === 0)
        for (const header of [disk.subarray(512, 1024), disk.subarray(599 * 512)]) {
          header.writeUInt32LE(crc32(disk.subarray(1024, 1024 + 128 * 128)), 88);
          sealGpt(header);
        }
      if (touch(disk) > 0) withPartitions += 1;
    }
    expect(withPartitions).toBeGreaterThan(200);
  });

  test('of an MBR with logical partitions never throws and ends', () => {
    const original = Buffer.alloc(300 * 512);
    bootSector({ type: 0x83, start: 1, sectors: 20 }, { type: 0x0f, start: 30, sectors: 200 }).copy(original);
    for (const index of [0, 1, 2, 3])
      bootSector({ type: 0x83, start: 1, sectors: 5 }, { type: 5, start: 10 * (index + 1), sectors: 10 }).copy(
        original,
        (30 + 10 * index) * 512,
      );
    const next = sequence(12);
    let most = 0;
    for (let round = 0; round < 1500; round++) {
      const disk = Buffer.from(original);
      for (let count = 1 + next(5); count > 0; count--) {
        const sector = [0, 30, 40, 50, 60][next(5)] ?? 0;
        disk[sector * 512 + 446 + next(32)] = next(2) === 0 ? next(64) : next(256);
      }
      most = Math.max(most, touch(disk));
    }
    expect(most).toBeGreaterThan(3);
  });
});
