import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest, test } from '@jest/globals';
import { errorOf, expectSame, golden, openBytes } from './container-content.ts';
import { noise } from './hurtful-tree.ts';
import { describeWith, run, workFolder } from './tools.ts';

// qemu-img measures for seconds how often it has to hash the password of an encrypted image.
jest.setTimeout(60_000);

const CLUSTER = 65_536;
const content = noise(CLUSTER, 1);

interface Plan {
  readonly version?: number;
  readonly features?: number;
  readonly l2?: readonly (readonly [at: number, value: bigint])[];
  readonly change?: (bytes: Buffer) => unknown;
}

/** A disk of 1 MiB, whose first cluster is the fourth of the file: header, L1 table, L2 table, contents. */
function qcow2({ version = 3, features = 0, l2 = [[0, 3n * BigInt(CLUSTER)]], change }: Plan = {}): Buffer {
  const bytes = Buffer.alloc(4 * CLUSTER);
  bytes.write('QFI\xfb', 0, 'latin1');
  bytes.writeUInt32BE(version, 4);
  bytes.writeUInt32BE(16, 20);
  bytes.writeBigUInt64BE(1_048_576n, 24);
  bytes.writeUInt32BE(1, 36);
  bytes.writeBigUInt64BE(BigInt(CLUSTER), 40);
  if (version === 3) {
    bytes.writeBigUInt64BE(BigInt(features), 72);
    bytes.writeUInt32BE(112, 100);
  }
  bytes.writeBigUInt64BE(BigInt(2 * CLUSTER) | (1n << 63n), CLUSTER);
  for (const [at, value] of l2) bytes.writeBigUInt64BE(value, 2 * CLUSTER + at);
  content.copy(bytes, 3 * CLUSTER);
  change?.(bytes);
  return bytes;
}

function expectContent(bytes: Buffer, first: Uint8Array): void {
  const { disk } = openBytes(bytes);
  expectSame(disk.read(0, disk.size), Buffer.concat([first, Buffer.alloc(1_048_576 - first.length)]));
}

const at = (cluster: number) => BigInt(cluster * CLUSTER);

describe('a qcow2', () => {
  it('is read through its two tables', () => {
    expectContent(qcow2(), content);
    expectContent(qcow2({ version: 2 }), content);
    expectContent(
      qcow2({
        l2: [
          [0, 0n],
          [8, at(3)],
        ],
      }),
      Buffer.concat([Buffer.alloc(CLUSTER), content]),
    );
    expectContent(qcow2({ change: (bytes) => bytes.writeBigUInt64BE(0n, CLUSTER) }), Buffer.alloc(0));
  });

  it('has clusters that are zero, whatever stands in their place', () => {
    expectContent(qcow2({ l2: [[0, at(3) | 1n]] }), Buffer.alloc(0));
    expect(errorOf(qcow2({ version: 2, l2: [[0, at(3) | 1n]] }))).toMatchObject({
      kind: 'corrupt',
      message: 'qcow2 L2 entry at byte 131072 has a flag of version 3',
    });
  });

  it('has subclusters of their own state with extended L2 entries', () => {
    const first = Buffer.alloc(CLUSTER);
    for (const piece of [0, 5, 31]) content.copy(first, piece * 2048, piece * 2048, (piece + 1) * 2048);
    const allocated = (1n << 0n) | (1n << 5n) | (1n << 31n);
    expectContent(
      qcow2({
        features: 16,
        l2: [
          [0, at(3)],
          [8, allocated | (1n << 34n)],
        ],
      }),
      first,
    );
    expect(
      errorOf(
        qcow2({
          features: 16,
          l2: [
            [0, at(3)],
            [8, allocated | (1n << 37n)],
          ],
        }),
      ),
    ).toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('calls a subcluster both zero and allocated'),
    });
  });

  it('may end within its last cluster', () => {
    expectContent(qcow2().subarray(0, 3 * CLUSTER + 1000), content.subarray(0, 1000));
  });

  it('is read with the marks of QEMU that it is dirty or corrupt, and tells them', () => {
    expectContent(qcow2({ features: 3 }), content);
    expect(openBytes(qcow2({ features: 3 })).container).toMatchObject({
      problems: ['it was not closed; its reference counts may be wrong', 'QEMU has marked it as corrupt'],
    });
  });

  test.each<readonly [string, Plan, 'corrupt' | 'unsupported' | 'limit', string]>([
    ['features that are not known', { features: 0x60 }, 'unsupported', 'requires features that are not known (0x60)'],
    ['version 4', { version: 4 }, 'unsupported', 'has version 4, expected 2 or 3'],
    ['compression of a new type', { features: 8, change: (b) => b.writeUInt8(2, 104) }, 'unsupported', 'type 2'],
    ['clusters of 256 bytes', { change: (b) => b.writeUInt32BE(8, 20) }, 'corrupt', 'gives clusters of 2^8 bytes'],
    ['clusters of 4 MiB', { change: (b) => b.writeUInt32BE(22, 20) }, 'corrupt', 'gives clusters of 2^22 bytes'],
    [
      'subclusters below a sector',
      { features: 16, change: (b) => b.writeUInt32BE(13, 20) },
      'corrupt',
      'expected 2^14',
    ],
    ['an L1 table for less', { change: (b) => b.writeUInt32BE(1, 24) }, 'corrupt', 'has 1 entries, too few for'],
    ['no L1 table', { change: (b) => b.writeUInt32BE(0, 36) }, 'corrupt', 'has 0 entries, too few for'],
    ['a huge L1 table', { change: (b) => b.writeUInt32BE(0x7fffffff, 36) }, 'limit', 'limit qcow2L1Bytes'],
    [
      'an L1 table elsewhere',
      { change: (b) => b.writeUInt8(1, 42) },
      'corrupt',
      'qcow2 L1 table at byte 1099511693312',
    ],
    [
      'an L2 table elsewhere',
      { change: (b) => b.writeUInt8(1, CLUSTER + 3) },
      'corrupt',
      'qcow2 L2 table at byte 42950',
    ],
    ['an L2 table between', { change: (b) => b.writeUInt8(2, CLUSTER + 6) }, 'corrupt', 'not aligned to clusters'],
    ['a cluster between', { l2: [[0, at(3) + 512n]] }, 'corrupt', 'qcow2 cluster 0 is said to lie at byte 197120'],
    [
      'a cluster that was cut',
      { l2: [[8, at(4)]] },
      'corrupt',
      'lies at byte 262144, but the file has 262144: it was cut',
    ],
    ['compressed data elsewhere', { l2: [[0, (1n << 62n) | at(9)]] }, 'corrupt', 'cannot be expanded'],
    ['compressed data that is none', { l2: [[0, (1n << 62n) | at(3)]] }, 'corrupt', 'cannot be expanded'],
    ['no size', { change: (b) => b.writeBigUInt64BE(0n, 24) }, 'corrupt', 'disk has 0 bytes'],
    ['a size beyond all disks', { change: (b) => b.writeUInt8(0xff, 24) }, 'corrupt', 'larger than any disk'],
    ['a header of 4 bytes', { change: (b) => b.writeUInt32BE(4, 100) }, 'corrupt', 'gives itself 4 bytes'],
  ])('with %s is refused', (_what, plan, kind, message) => {
    expect(errorOf(qcow2(plan))).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('of which only the start is there is no raw disk', () => {
    for (const size of [4, 71, 72, 103])
      expect(errorOf(qcow2().subarray(0, size))).toMatchObject({
        kind: 'corrupt',
        message: `qcow2 header is cut short: the file has ${size} bytes`,
      });
  });

  it('ends, when its tables are their own entries', () => {
    const own = qcow2({ change: (bytes) => bytes.writeBigUInt64BE(at(1), CLUSTER) });
    const { disk } = openBytes(own);
    expectSame(disk.read(0, CLUSTER), own.subarray(CLUSTER, 2 * CLUSTER));
  });

  it.each(['zlib.qcow2', 'zstd.qcow2'] as const)('with damaged compressed data is refused: %s', (name) => {
    const bytes = golden(name);
    const table = Number(bytes.readBigUInt64BE(Number(bytes.readBigUInt64BE(40))) & 0xfffffffffffe00n);
    const start = Number(bytes.readBigUInt64BE(table) & 0xffffffffffffn);
    bytes.fill(0xff, start, start + 8);
    expect(errorOf(bytes)).toMatchObject({ kind: 'corrupt', structure: 'qcow2 compressed cluster', offset: start });
  });
});

describeWith([{ program: 'qemu-img', package: 'qemu-utils' }], 'a qcow2 that is not whole in itself', () => {
  const folder = workFolder();
  const image = join(folder, 'image');

  test.each([
    [
      'a backing file',
      ['-b', '/dev/null', '-F', 'raw'],
      'unsupported',
      'qcow2 holds only what differs from its backing file /dev/null',
      'qemu-img convert -f qcow2 -O vpc -o subformat=fixed,force_size=on FILE',
    ],
    [
      'an external data file',
      ['-o', `data_file=${join(folder, 'other.raw')}`],
      'unsupported',
      `qcow2 keeps its data in another file ${join(folder, 'other.raw')}`,
      'qemu-img convert -f qcow2 -O vpc',
    ],
    [
      'encryption',
      ['--object', 'secret,id=s,data=x', '-o', 'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10'],
      'encrypted',
      'qcow2 is encrypted (LUKS); only its key opens it',
      'encrypt.key-secret=key,file.filename=FILE',
    ],
  ])('is refused for %s', (_what, options, kind, message, advice) => {
    run('qemu-img', 'create', '-q', '-f', 'qcow2', ...options, image, '1M');
    expect(errorOf(readFileSync(image))).toMatchObject({ kind, message, advice: expect.stringContaining(advice) });
  });
});
