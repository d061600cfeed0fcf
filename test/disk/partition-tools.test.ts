import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PartitionTable } from '../../src/disk/partition-table.ts';
import type { SectorSize } from '../../src/disk/partitions/geometry.ts';
import { readPartitionTable } from '../../src/disk/partitions/read.ts';
import { gptTypeName } from '../../src/disk/partitions/types.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { sequence } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';

const folder = workFolder();
const image = join(folder, 'disk.img');
const MEBIBYTE = 1024 * 1024;

function emptyDisk(mebibytes: number): void {
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, mebibytes * MEBIBYTE);
}

/** What sfdisk says of the table, in the same form as {@link ours}. */
interface ToolTable {
  readonly label: string;
  readonly id: string | undefined;
  readonly partitions: readonly ToolPartition[];
}

interface ToolPartition {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string | undefined;
  readonly name: string | undefined;
  readonly bootable: boolean;
}

function read(sectorSizes?: readonly SectorSize[]): PartitionTable {
  const device = new FileDevice(image);
  try {
    return readPartitionTable(device, sectorSizes);
  } finally {
    device.close();
  }
}

function ours(table: PartitionTable): ToolTable {
  return {
    label: table.scheme === 'mbr' ? 'dos' : table.scheme,
    id: table.diskId,
    partitions: table.partitions.map((partition) => ({
      number: partition.number,
      offset: partition.offset,
      size: partition.size,
      type: partition.type,
      uuid: table.scheme === 'gpt' ? partition.partUuid : undefined,
      name: partition.label,
      bootable: partition.bootable,
    })),
  };
}

function sfdisk(script: string, target = image): void {
  execFileSync('sfdisk', ['-q', '--no-reread', '--no-tell-kernel', target], {
    input: script,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
}

function bySfdisk(target = image): ToolTable {
  const { partitiontable: table } = JSON.parse(run('sfdisk', '--json', target)) as {
    partitiontable: {
      label: string;
      id: string;
      sectorsize: number;
      partitions?: {
        node: string;
        start: number;
        size: number;
        type: string;
        uuid?: string;
        name?: string;
        bootable?: boolean;
        attrs?: string;
      }[];
    };
  };
  return {
    label: table.label,
    id: table.id.toLowerCase().replace(/^0x/, ''),
    partitions: (table.partitions ?? []).map((partition) => ({
      number: Number(/\d+$/.exec(partition.node)?.[0]),
      offset: partition.start * table.sectorsize,
      size: partition.size * table.sectorsize,
      type: table.label === 'dos' ? `0x${partition.type.padStart(2, '0')}` : partition.type.toLowerCase(),
      uuid: partition.uuid?.toLowerCase(),
      name: partition.name,
      bootable: partition.bootable ?? partition.attrs?.includes('LegacyBIOSBootable') ?? false,
    })),
  };
}

const mbrTypes = ['83', '82', '8e', 'fd', 'ef', 'c', '7', '41'];
const gptTypes = [
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
  'BC13C2FF-59E6-4262-A352-B275FD6F7172',
];

/** A script with primary partitions in any order and, mostly, some logical ones. */
function mbrScript(next: (bound: number) => number): string {
  const lines = ['label: dos', `label-id: 0x${(next(2 ** 31) + 1).toString(16)}`];
  const primaries = next(4);
  let start = 2048;
  const slots = [1, 2, 3, 4].sort(() => next(3) - 1);
  const line = (number: number, type: string): void => {
    const size = 100 + next(8000);
    start += next(3000);
    lines.push(`${image}${number} : start=${start}, size=${size}, type=${type}${next(4) === 0 ? ', bootable' : ''}`);
    start += size;
  };
  for (let index = 0; index < primaries; index++) line(slots[index] ?? 1, mbrTypes[next(mbrTypes.length)] ?? '83');
  if (next(5) === 0) return lines.join('\n');
  lines.push(`${image}${slots[3]} : start=${start}, size=300000, type=${next(2) === 0 ? '5' : 'f'}`);
  const logical = next(12);
  for (let index = 0; index < logical; index++) {
    start += 2048;
    line(5 + index, mbrTypes[next(mbrTypes.length)] ?? '83');
  }
  return lines.join('\n');
}

function gptScript(next: (bound: number) => number): string {
  const lines = ['label: gpt', `table-length: ${[128, 128, 64, 200][next(4)]}`];
  const numbers = Array.from({ length: 20 }, (_, index) => index + 1).sort(() => next(3) - 1);
  let start = 2048;
  for (const number of numbers.slice(0, next(20))) {
    const size = 1 + next(5000);
    start += next(2000);
    const name = ['', 'root', 'EFI System Partition', 'Größe 🐧', 'x'.repeat(36)][next(5)];
    const attributes = next(4) === 0 ? ', attrs="LegacyBIOSBootable GUID:60"' : '';
    lines.push(
      `${image}${number} : start=${start}, size=${size}, type=${gptTypes[next(4)]}, name="${name}"${attributes}`,
    );
    start += size;
  }
  return lines.join('\n');
}

describeWith([{ program: 'sfdisk', package: 'fdisk' }], 'a partition table of sfdisk', () => {
  test.each([
    ['MBR', mbrScript, 20],
    ['GPT', gptScript, 20],
  ] as const)('of the kind %s is read as sfdisk reads it', (_name, script, rounds) => {
    const next = sequence(2026);
    let partitions = 0;
    for (let round = 0; round < rounds; round++) {
      emptyDisk(200);
      sfdisk(script(next));
      const table = read();
      const expected = bySfdisk();
      expect(ours(table)).toEqual(expected);
      expect(table.problems).toEqual([]);
      partitions += expected.partitions.length;
      if (table.gpt) expect([table.gpt.primary.problem, table.gpt.backup.problem]).toEqual([undefined, undefined]);
    }
    expect(partitions).toBeGreaterThan(70);
  });

  test('is read from either copy, and from the backup of a disk that grew or was cut as blkid finds it', () => {
    emptyDisk(64);
    sfdisk('label: gpt\nstart=2048, size=2048\nstart=6144, size=100');
    const whole = ours(read());
    const bytes = readFileSync(image);
    const zero = (offset: number, length: number): void => {
      writeFileSync(image, bytes);
      const descriptor = openSync(image, 'r+');
      writeSync(descriptor, Buffer.alloc(length), 0, length, offset);
      closeSync(descriptor);
    };
    zero(512, 33 * 512);
    expect(ours(read())).toEqual(whole);
    expect(read().gpt?.primary.problem).toMatch(/is not there/);
    zero(bytes.length - 512, 512);
    expect(ours(read())).toEqual(whole);
    expect(read().gpt?.backup.problem).toMatch(/is not there/);
    writeFileSync(image, bytes);
    truncateSync(image, 80 * MEBIBYTE);
    expect(ours(read())).toEqual(whole);
    expect(read().gpt?.backup).toMatchObject({ offset: bytes.length - 512 });
    expect(read().gpt?.backup.problem).toContain('the disk grew');
  });

  test('has PARTUUIDs and names as partx prints them', () => {
    const next = sequence(7);
    let seen = 0;
    for (const script of [mbrScript, gptScript, mbrScript, gptScript]) {
      emptyDisk(200);
      sfdisk(script(next));
      const lines = run('partx', '--raw', '--noheadings', '-o', 'NR,START,UUID', image).split('\n').filter(Boolean);
      const table = read();
      expect(table.partitions.map((one) => `${one.number} ${one.offset / 512} ${one.partUuid}`)).toEqual(lines);
      seen += lines.length;
    }
    expect(seen).toBeGreaterThan(20);
  });

  test('has a known name for each type that sfdisk calls one of Linux on x86-64 or ARM64', () => {
    const listed = run('sfdisk', '--list-types', '--label', 'gpt').split('\n');
    const wanted = listed.filter((line) => /EFI System|BIOS boot|PReP|Microsoft|Linux/.test(line));
    const here = wanted.filter((line) => !/\((?!x86-64|ARM-64)[^)]*\)/.test(line));
    const unknown = here.filter((line) => {
      const guid = line.slice(0, 36).toLowerCase();
      return gptTypeName(guid) === guid;
    });
    // Storage pools of Windows are the one Microsoft type left out.
    expect(unknown.filter((line) => !/Microsoft (LDM|Storage)/.test(line))).toEqual([]);
    expect(here.length).toBeGreaterThan(20);
  });
});

describeWith([{ program: 'sfdisk', package: 'fdisk' }, 'loop'], 'a partition table with sectors of 4096 bytes', () => {
  test.each([
    [
      'dos',
      'label: dos\nstart=256, size=700, type=83\nstart=1024, size=20000, type=5\nstart=1280, size=100\nstart=2048, size=10',
    ],
    ['gpt', 'label: gpt\nstart=256, size=700\nstart=1024, size=1, name="one"'],
  ])('of the kind %s is read as sfdisk reads it', (label, script) => {
    emptyDisk(100);
    const loop = run('losetup', '-f', '--show', '--sector-size', '4096', image).trim();
    try {
      sfdisk(script, loop);
      const table = read(label === 'dos' ? [4096] : undefined);
      expect(table.sectorSize).toBe(4096);
      expect(ours(table)).toEqual(bySfdisk(loop));
      expect(table.problems).toEqual([]);
      expect(table.partitions.length).toBeGreaterThan(1);
    } finally {
      run('losetup', '-d', loop);
    }
  });
});

describeWith([{ program: 'sgdisk', package: 'gdisk' }], 'a GPT of sgdisk', () => {
  test('in the layout of Azure images, with a hybrid MBR, is read as sgdisk prints it', () => {
    emptyDisk(64);
    run('sgdisk', '-n', '14:2048:+4M', '-t', '14:ef00', '-c', '14:bios', '-n', '15:0:+10M', '-t', '15:ef00', image);
    run('sgdisk', '-n', '1:0:0', '-t', '1:8304', '-c', '1:root', '-A', '1:set:2', '-h', '1', image);
    const table = read();
    const printed = run('sgdisk', '-p', image)
      .split('\n')
      .flatMap((line) => /^ +(\d+) +(\d+) +(\d+) /.exec(line)?.slice(1, 4).map(Number) ?? []);
    expect(
      table.partitions.flatMap(({ number, offset, size }) => [number, offset / 512, (offset + size) / 512 - 1]),
    ).toEqual(printed);
    expect(table).toMatchObject({ scheme: 'gpt', mbr: { protective: true, hybrid: true } });
    expect(table.partitions[0]).toMatchObject({ number: 1, label: 'root', bootable: true });
    expect(run('sgdisk', '-i', '15', image).toLowerCase()).toContain(`${table.partitions[2]?.partUuid}`);
  });
});

describeWith([{ program: 'parted', package: 'parted' }], 'an MBR of parted', () => {
  test('is read as sfdisk reads it', () => {
    emptyDisk(64);
    const make = ['mkpart', 'primary', 'ext4', '1MiB', '10MiB', 'mkpart', 'extended', '10MiB', '60MiB'];
    const logical = [
      'mkpart',
      'logical',
      'linux-swap',
      '12MiB',
      '20MiB',
      'mkpart',
      'logical',
      'ext4',
      '30MiB',
      '50MiB',
    ];
    run(
      'parted',
      '-s',
      image,
      'mklabel',
      'msdos',
      ...make,
      ...logical,
      'set',
      '1',
      'boot',
      'on',
      'set',
      '6',
      'lvm',
      'on',
    );
    expect(ours(read())).toEqual(bySfdisk());
    expect(read().partitions.map(({ typeName }) => typeName)).toEqual([
      'Linux filesystem',
      'extended (LBA)',
      'Linux swap',
      'Linux LVM',
    ]);
  });
});
