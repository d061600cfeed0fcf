import { describe, expect, it, test } from '@jest/globals';
import { errorOf, expectSame, golden, goldenContent, openBytes } from './container-content.ts';
import { sign } from './vhdx-log-writer.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const HEADERS = [64 * KIB, 128 * KIB] as const;
const REGIONS = [192 * KIB, 256 * KIB] as const;
/** Where qemu-img puts them. */
const METADATA = 3 * MIB;
const TABLE = 2 * MIB;
const clean = golden('dynamic.vhdx');

type Change = (bytes: Buffer) => unknown;

function changed(...changes: readonly Change[]): Buffer {
  const bytes = Buffer.from(clean);
  for (const change of changes) change(bytes);
  return bytes;
}

/** Applies a change to a structure and signs it again. */
const within =
  (at: number, length: number, change: Change): Change =>
  (bytes) => {
    change(bytes.subarray(at, at + length));
    sign(bytes.subarray(at, at + length));
  };
const headers =
  (change: Change): Change =>
  (bytes) => {
    for (const at of HEADERS) within(at, 4 * KIB, change)(bytes);
  };
const regions =
  (change: Change): Change =>
  (bytes) => {
    for (const at of REGIONS) within(at, 64 * KIB, change)(bytes);
  };
const damage =
  (at: number): Change =>
  (bytes) =>
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);

/** Entry of a metadata item by the first field of its GUID. */
function entryOf(bytes: Buffer, id: number): Buffer {
  for (let at = METADATA + 32; ; at += 32) if (bytes.readUInt32LE(at) === id) return bytes.subarray(at, at + 32);
}
const item =
  (id: number, change: Change): Change =>
  (bytes) => {
    const entry = entryOf(bytes, id);
    change(bytes.subarray(METADATA + entry.readUInt32LE(16)).subarray(0, entry.readUInt32LE(20)));
  };
const PARAMETERS = 0xcaa16737;
const SIZE = 0x2fa54224;
const LOGICAL_SECTOR = 0x8141bf1d;
const DISK_ID = 0xbeca12ab;

const block =
  (value: bigint): Change =>
  (bytes) =>
    bytes.writeBigUInt64LE(value, TABLE);

describe('a VHDX', () => {
  it('is read by one header and one region table when the others are damaged', () => {
    for (const header of HEADERS)
      for (const region of REGIONS) {
        const { container, disk } = openBytes(changed(damage(header + 100), damage(region + 100)));
        expect(container).toMatchObject({
          problems: ['one of the two headers is damaged', 'one of the two region tables is damaged'],
        });
        expectSame(disk.read(0, disk.size), goldenContent());
      }
  });

  it('is read by the header with the higher number', () => {
    // The older one names a log, which is no longer there.
    for (const [older, newer] of [HEADERS, [HEADERS[1], HEADERS[0]]] as const) {
      const bytes = changed(
        within(older, 4 * KIB, (header) => header.writeBigUInt64LE(70n, 8) && header.fill(7, 48, 64)),
        within(newer, 4 * KIB, (header) => header.writeBigUInt64LE(71n, 8)),
      );
      expect(openBytes(bytes).container).toMatchObject({ log: 'empty', problems: [] });
    }
  });

  test.each<readonly [string, Buffer, 'corrupt' | 'unsupported', string]>([
    [
      'without a whole header',
      changed(damage(HEADERS[0] + 9), damage(HEADERS[1] + 9)),
      'corrupt',
      'is damaged, and so',
    ],
    [
      'whose headers contradict each other',
      changed(
        headers((header) => header.writeBigUInt64LE(5n, 8)),
        within(HEADERS[0], 4 * KIB, (header) => header.fill(1, 16, 32)),
      ),
      'corrupt',
      'and its copy differ, and have one sequence number',
    ],
    ['of another version', changed(headers((header) => header.writeUInt16LE(2, 66))), 'unsupported', 'has version 2'],
    [
      'with a log of another version',
      changed(headers((header) => header.writeUInt16LE(1, 64) && header.fill(7, 48, 64))),
      'unsupported',
      'VHDX log has version 1',
    ],
    ['without a whole region table', changed(...REGIONS.map((at) => damage(at + 9))), 'corrupt', 'VHDX region table'],
    [
      'with a region that must be known',
      changed(regions((table) => table.writeUInt32LE(3, 8) && table.fill(9, 80, 112))),
      'unsupported',
      'requires the region 09090909-',
    ],
    [
      'without metadata',
      changed(regions((table) => table.writeUInt8(0, 16))),
      'corrupt',
      'lacks the allocation table or',
    ],
    [
      'whose regions lie outside',
      changed(regions((table) => table.writeUInt32LE(0x7ff00000, 32))),
      'corrupt',
      'VHDX region at byte 2146435072',
    ],
    ['whose metadata is none', changed(damage(METADATA)), 'corrupt', 'lacks its signature "metadata"'],
    [
      'with an item that must be known',
      changed((bytes) => entryOf(bytes, DISK_ID).writeUInt32LE(1, 0)),
      'unsupported',
      'requires the item 00000001-',
    ],
    [
      'without its sector size',
      changed((bytes) => {
        const entry = entryOf(bytes, LOGICAL_SECTOR);
        entry.writeUInt32LE(0, 24);
        entry.writeUInt32LE(1, 0);
      }),
      'corrupt',
      'lacks the item 8141bf1d-',
    ],
    [
      'whose items lie outside',
      changed((bytes) => entryOf(bytes, SIZE).writeUInt32LE(0x7fffffff, 16)),
      'corrupt',
      'VHDX metadata item 2fa54224-',
    ],
    [
      'of blocks of 3 MiB',
      changed(item(PARAMETERS, (b) => b.writeUInt32LE(3 * MIB, 0))),
      'corrupt',
      'of 3145728 bytes',
    ],
    [
      'of sectors of 520 bytes',
      changed(item(LOGICAL_SECTOR, (b) => b.writeUInt32LE(520, 0))),
      'corrupt',
      'of 520 bytes',
    ],
    [
      'of half a sector',
      changed(item(SIZE, (b) => b.writeUInt32LE(MIB + 256, 0))),
      'corrupt',
      'expected whole sectors',
    ],
    ['of 128 TiB', changed(item(SIZE, (b) => b.writeBigUInt64LE(2n ** 47n, 0))), 'corrupt', 'at most 64 TiB'],
    [
      'of more blocks',
      changed(item(SIZE, (b) => b.writeBigUInt64LE(2n ** 40n, 0))),
      'corrupt',
      'too short for 1048576',
    ],
    ['with a block partly there', changed(block((4n << 20n) | 7n)), 'corrupt', 'is partly in a parent'],
    ['with a block in a state that is not known', changed(block((4n << 20n) | 4n)), 'corrupt', 'is in state 4'],
    ['with a block in its header', changed(block(6n)), 'corrupt', 'is said to lie in the header'],
    ['with a block outside', changed(block((0x7fn << 20n) | 6n)), 'corrupt', 'VHDX block 0 at byte 133169152'],
    ['with a block beyond all files', changed(block(2n ** 64n - 2n)), 'corrupt', 'VHDX block 0'],
    ['of which only the start is there', clean.subarray(0, 60_000), 'corrupt', 'VHDX header'],
  ])('%s is refused', (_what, bytes, kind, message) => {
    expect(errorOf(bytes)).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('has blocks that are zero, whatever their place', () => {
    for (const state of [0n, 1n, 2n, 3n, 5n]) {
      const { disk } = openBytes(changed(block((5n << 20n) | state)));
      expectSame(disk.read(0, MIB), Buffer.alloc(MIB));
    }
  });

  it('may have sectors of 4 KiB, and regions and items that need not be known', () => {
    const bytes = changed(
      item(LOGICAL_SECTOR, (size) => size.writeUInt32LE(4096, 0)),
      item(SIZE, (size) => size.writeBigUInt64LE(BigInt(9 * MIB), 0)),
      regions((table) => table.writeUInt32LE(3, 8) && table.fill(9, 80, 108)),
      (bytes) => entryOf(bytes, DISK_ID).writeUInt32LE(1, 0) && entryOf(bytes, 1).writeUInt32LE(0, 24),
    );
    const { container, disk } = openBytes(bytes);
    expect(container).toMatchObject({ logicalSectorSize: 4096, virtualSize: 9 * MIB, problems: [] });
    expectSame(disk.read(0, disk.size), goldenContent().subarray(0, 9 * MIB));
  });

  it('is refused when it has a parent, which is named', () => {
    const key = Buffer.from('relative_path', 'utf16le');
    const name = Buffer.from('..\\basé.vhdx', 'utf16le');
    const locator = Buffer.alloc(256);
    locator.writeUInt16LE(1, 18);
    locator.writeUInt32LE(64, 20);
    locator.writeUInt32LE(128, 24);
    locator.writeUInt16LE(key.length, 28);
    locator.writeUInt16LE(name.length, 30);
    key.copy(locator, 64);
    name.copy(locator, 128);
    const bytes = changed(
      item(PARAMETERS, (parameters) => parameters.writeUInt32LE(2, 4)),
      (bytes) => {
        const entry = entryOf(bytes, DISK_ID);
        Buffer.from('2d5fd3a80bb34d45abf7d3d84834ab0c', 'hex').copy(entry);
        entry.writeUInt32LE(128 * KIB, 16);
        entry.writeUInt32LE(locator.length, 20);
        locator.copy(bytes, METADATA + 128 * KIB);
      },
    );
    expect(errorOf(bytes)).toMatchObject({
      kind: 'unsupported',
      message: 'VHDX is a differencing disk over ..\\basé.vhdx, which holds only what differs from another file',
      advice: expect.stringContaining('Convert-VHD -Path FILE'),
    });
  });
});
