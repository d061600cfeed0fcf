import { describe, expect, it, test } from '@jest/globals';
import type { VhdContainer } from '../../src/disk/container.ts';
import { errorOf, expectSame, golden, goldenContent, openBytes } from './container-content.ts';
import { noise } from './hurtful-tree.ts';

const MiB = 1024 * 1024;
const FOOTER = 512;
const dynamic = golden('dynamic.vhd');
const content = noise(MiB, 1);

/** Writes the checksum of a footer or a dynamic header. */
function sign(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt32BE(0, at);
  bytes.writeUInt32BE(~bytes.reduce((sum, byte) => sum + byte, 0) >>> 0, at);
  return bytes;
}

/** A footer of a fixed disk of 1 MiB as Hyper-V writes it, with changes. */
function footer(change: (footer: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(FOOTER);
  bytes.write('conectix', 0, 'latin1');
  bytes.writeUInt32BE(2, 8);
  bytes.writeUInt32BE(0x10000, 12);
  bytes.fill(0xff, 16, 24);
  bytes.writeUInt32BE(86_400, 24);
  bytes.write('win \0\n\0\0Wi2k', 28, 'latin1');
  bytes.writeBigUInt64BE(BigInt(MiB), 40);
  bytes.writeBigUInt64BE(BigInt(MiB), 48);
  bytes.set([0, 30, 4, 17], 56);
  bytes.writeUInt32BE(2, 60);
  Buffer.from('00112233445566778899aabbccddeeff', 'hex').copy(bytes, 68);
  change(bytes);
  return sign(bytes, 64);
}

function containerOf(bytes: Uint8Array): VhdContainer {
  const { container } = openBytes(bytes);
  if (container.format !== 'vhd') throw new Error(`it is ${container.format}`);
  return container;
}

describe('a fixed VHD', () => {
  const whole = Buffer.concat([content, footer()]);

  it('is described by its footer', () => {
    const { container, disk } = openBytes(whole);
    const checksum = footer().readUInt32BE(64);
    expect(container).toEqual({
      format: 'vhd',
      type: 'fixed',
      fileSize: MiB + 512,
      virtualSize: MiB,
      problems: [],
      footer: {
        offset: MiB,
        features: 2,
        formatVersion: 0x10000,
        dataOffset: undefined,
        timestamp: Date.UTC(2000, 0, 2) / 1000,
        creatorApplication: 'win ',
        creatorVersion: 0xa0000,
        creatorHostOs: 'Wi2k',
        originalSize: MiB,
        currentSize: MiB,
        geometry: { cylinders: 30, heads: 4, sectorsPerTrack: 17 },
        diskType: 2,
        storedChecksum: checksum,
        computedChecksum: checksum,
        uniqueId: '00112233-4455-6677-8899-aabbccddeeff',
        savedState: false,
        reservedIsZero: true,
      },
    });
    expectSame(disk.read(0, disk.size), content);
  });

  it('may end in the 511 bytes of old Virtual PC', () => {
    const { container, disk } = openBytes(whole.subarray(0, -1));
    expect(container).toMatchObject({ fileSize: MiB + 511, footer: { offset: MiB }, problems: [] });
    expectSame(disk.read(0, disk.size), content);
  });

  it('tells a saved state and bytes in the reserved part', () => {
    const change = (bytes: Buffer) => bytes.set([1, 0, 0, 9], 84);
    expect(containerOf(Buffer.concat([content, footer(change)])).footer).toMatchObject({
      savedState: true,
      reservedIsZero: false,
    });
  });

  it('is read with a wrong checksum, which is a problem', () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32BE(0xabcdef, MiB + 64);
    const { container, disk } = openBytes(bytes);
    expect(container).toMatchObject({
      footer: { storedChecksum: 0xabcdef, computedChecksum: footer().readUInt32BE(64) },
      problems: [expect.stringMatching(/^the footer's checksum is 0xabcdef, computed 0x[0-9a-f]+$/)],
    });
    expectSame(disk.read(0, disk.size), content);
  });

  it.each([
    ['was cut', 2 * MiB, MiB, 'the footer gives a disk of 2097152 bytes, but 1048576 bytes stand before it'],
    [
      'was stretched',
      MiB - 512,
      MiB - 512,
      'the footer gives a disk of 1048064 bytes, but 1048576 bytes stand before it',
    ],
    ['has lost its size', 0, MiB, 'the footer gives a disk of 0 bytes, but 1048576 bytes stand before it'],
  ])('that %s is read as far as it is there', (_what, size, readable, problem) => {
    const last = footer((bytes) => bytes.writeBigUInt64BE(BigInt(size), 48));
    const { container, disk } = openBytes(Buffer.concat([content, last]));
    expect(container).toMatchObject({ virtualSize: size, fileSize: MiB + 512, problems: [problem] });
    expectSame(disk.read(0, disk.size), content.subarray(0, readable));
  });

  it.each([1, 511, 512, MiB - 512, MiB])('that was padded by %i bytes is read by the footer before them', (padding) => {
    const { container, disk } = openBytes(Buffer.concat([whole, Buffer.alloc(padding)]));
    expect(container).toMatchObject({
      format: 'vhd',
      virtualSize: MiB,
      footer: { offset: MiB },
      problems: [`${padding} bytes stand behind the footer, which has to be the last of the file`],
    });
    expectSame(disk.read(0, disk.size), content);
  });

  it.each([
    ['followed by other bytes than zeros', Buffer.concat([whole, noise(512, 3)])],
    ['of another disk than the one before it', Buffer.concat([content.subarray(512), footer(), Buffer.alloc(512)])],
    ['far from the end', Buffer.concat([whole, Buffer.alloc(MiB + 1024)])],
  ])('is not found by a footer %s', (_what, bytes) => {
    expect(openBytes(bytes).container.format).toBe('raw');
  });

  it('is refused with a size that no disk has, and read with such an original size', () => {
    const at = (offset: number) => footer((bytes) => bytes.fill(0xfe, offset, offset + 8));
    expect(errorOf(Buffer.concat([content, at(48)]))).toMatchObject({ kind: 'corrupt' });
    expect(containerOf(Buffer.concat([content, at(40)])).virtualSize).toBe(MiB);
  });

  it('may hold the image of a dynamic one', () => {
    const last = footer((bytes) => bytes.writeBigUInt64BE(BigInt(dynamic.length), 48));
    const { container, disk } = openBytes(Buffer.concat([dynamic, last]));
    expect(container).toMatchObject({ type: 'fixed', virtualSize: dynamic.length, problems: [] });
    expectSame(disk.read(0, disk.size), dynamic);
  });

  it('without its footer is a raw disk', () => {
    expect(openBytes(content).container).toEqual({ format: 'raw', fileSize: MiB, virtualSize: MiB });
  });

  test.each([0, 1, 5, 0x2000002])('is refused when its type is %i', (type) => {
    const error = errorOf(Buffer.concat([content, footer((bytes) => bytes.writeUInt32BE(type, 60))]));
    expect(error).toMatchObject({
      kind: 'unsupported',
      message: `VHD at byte 1048576 is of type ${type}, expected 2 (fixed) or 3 (dynamic)`,
    });
  });
});

describe('a dynamic VHD', () => {
  const end = dynamic.length - FOOTER;
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(dynamic);
    change(bytes);
    return bytes;
  };
  const expectReadWith = (bytes: Uint8Array, ...problems: readonly string[]): VhdContainer => {
    const { container, disk } = openBytes(bytes);
    expect(container).toMatchObject({ type: 'dynamic', problems });
    expectSame(disk.read(0, disk.size), goldenContent());
    return containerOf(bytes);
  };

  it('is read by the copy of its footer when the end is lost', () => {
    const { footer } = expectReadWith(
      dynamic.subarray(0, -FOOTER),
      'the footer at the end is missing; its copy at the start was used',
    );
    expect(footer.offset).toBe(0);
  });

  it('is read by the copy when only that is whole', () => {
    const { footer } = expectReadWith(
      changed((bytes) => bytes.fill(0xff, end + 48, end + 50)).fill(1, end + 48, end + 49),
      'the footer at the end is damaged; its copy at the start was used',
    );
    expect(footer.offset).toBe(0);
  });

  it('is read by its footer when the copy is lost or differs', () => {
    expectReadWith(
      changed((bytes) => bytes.fill(0, 0, FOOTER)),
      'the copy of the footer at the start is missing',
    );
    expectReadWith(
      changed((bytes) => {
        bytes.writeUInt32BE(1, 24);
        sign(bytes.subarray(0, FOOTER), 64);
      }),
      'the footer at the end and its copy at the start differ; the one at the end was used',
    );
  });

  it('stays dynamic when a tool has only changed the type in its footer', () => {
    const bytes = changed((bytes) => {
      bytes.writeUInt32BE(2, end + 60);
      bytes.fill(0xff, end + 16, end + 24);
      sign(bytes.subarray(end), 64);
    });
    const { footer } = expectReadWith(
      bytes,
      'the footer gives the type 2 (fixed), but the file is laid out as a dynamic disk',
    );
    expect(footer.diskType).toBe(2);
  });

  it('is read with a wrong checksum of its header', () => {
    expectReadWith(
      changed((bytes) => bytes.writeUInt32BE(0, FOOTER + 36)),
      'the checksum of the dynamic header is wrong',
    );
  });

  test.each<readonly [string, (bytes: Buffer) => unknown, string]>([
    ['cookie of its header', (bytes) => bytes.write('x', FOOTER), 'VHD dynamic header at byte 512 lacks its cookie'],
    ['block size', (bytes) => bytes.writeUInt32BE(3 * MiB, FOOTER + 32), 'gives blocks of 3145728 bytes'],
    ['number of blocks', (bytes) => bytes.writeUInt32BE(2, FOOTER + 28), 'counts 2 blocks of 2097152 bytes, too few'],
    ['place of its table', (bytes) => bytes.fill(0x7f, FOOTER + 16, FOOTER + 18), 'VHD allocation table is 9187'],
    [
      'place of a block',
      (bytes) => bytes.writeUInt32BE(0x1000000, 1536),
      'VHD block 0 at byte 8589935104 reaches to byte',
    ],
  ])('is refused with a damaged %s', (_what, change, message) => {
    const error = errorOf(changed(change));
    expect(error).toMatchObject({ kind: 'corrupt', message: expect.stringContaining(message) });
  });

  it('is refused with more blocks than any disk has', () => {
    expect(errorOf(changed((bytes) => bytes.writeUInt32BE(0x2000000, FOOTER + 28)))).toMatchObject({
      kind: 'limit',
      message: expect.stringContaining('allocationTableEntries'),
    });
  });

  it('is refused when it has a parent, which is named', () => {
    const bytes = changed((bytes) => {
      for (const at of [0, end]) {
        bytes.writeUInt32BE(4, at + 60);
        sign(bytes.subarray(at, at + FOOTER), 64);
      }
      Buffer.from('base disk ä.vhd', 'utf16le')
        .swap16()
        .copy(bytes, FOOTER + 64);
    });
    expect(errorOf(bytes)).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('is a differencing disk over base disk ä.vhd, which'),
      advice: expect.stringContaining('Convert-VHD -Path FILE'),
    });
  });
});
