import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CpioArchives, type CpioLimits, readCpio } from '../../src/formats/cpio.ts';
import { identifyInitramfsSegment, packedModules, squashedRoot } from '../../src/formats/initramfs.ts';

const generous: CpioLimits = { members: 100, nameLength: 100, contentLength: 1000 };

/** One member in the new ASCII format. */
function member(path: string, { mode = 0o100644, content = '', magic = '070701' } = {}): Uint8Array {
  const name = `${path}\0`;
  const numbers = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = magic + numbers.map((number) => number.toString(16).padStart(8, '0')).join('') + name;
  const padded = header + '\0'.repeat((4 - (header.length % 4)) % 4) + content;
  return new TextEncoder().encode(padded + '\0'.repeat((4 - (padded.length % 4)) % 4));
}

const trailer = member('TRAILER!!!', { mode: 0 });

function join(...parts: readonly (Uint8Array | number)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? new Array<number>(part).fill(0) : [...part])),
  );
}

/** Serves the reader's requests from an array. */
function read(bytes: Uint8Array, limits = generous, wants: (path: string) => boolean = () => false): CpioArchives {
  const reader = readCpio(limits, wants);
  let at = 0;
  let step = reader.next(new Uint8Array());
  while (!step.done) {
    at += step.value.skip;
    step = reader.next(bytes.subarray(at, at + step.value.peek));
  }
  return step.value;
}

describe('cpio archives', () => {
  test('several in a row, with zeros between them', () => {
    const bytes = join(member('./a', { content: 'abc' }), trailer, 13, member('/b', { magic: '070702' }), trailer, 40);
    const { members, length, rest, problem } = read(bytes);
    expect(members.map(({ path, size }) => [path, size])).toEqual([
      ['a', 3],
      ['b', 0],
    ]);
    expect({ length, rest: rest.length, problem }).toEqual({ length: bytes.length, rest: 0, problem: undefined });
  });

  test('where something else follows', () => {
    const archives = join(member('a'), trailer, 300);
    const { members, length, rest } = read(join(archives, Uint8Array.of(0x1f, 0x8b, 8)));
    expect([members.length, length, [...rest]]).toEqual([1, archives.length, [0x1f, 0x8b, 8]]);
  });

  test('links have targets, and content is kept only where it is wanted', () => {
    const bytes = join(
      member('lib', { mode: 0o120777, content: 'usr/lib' }),
      member('x.conf', { content: 'blacklist a' }),
      member('y', { content: 'no' }),
      trailer,
    );
    const { members } = read(bytes, generous, (path) => path.endsWith('.conf'));
    expect(members.map(({ target, content }) => [target, content && new TextDecoder().decode(content)])).toEqual([
      ['usr/lib', undefined],
      [undefined, 'blacklist a'],
      [undefined, undefined],
    ]);
  });

  test.each([
    [
      'the end of the input inside a header',
      join(member('a'), member('b').subarray(0, 50)),
      'it ends in the middle of a member',
    ],
    ['no trailer', member('a'), 'it ends in the middle of a member'],
    [
      'a header that is none',
      join(member('a'), new TextEncoder().encode('0707'.repeat(40))),
      'a member has no valid header',
    ],
    ['a long name', join(member('n'.repeat(200)), trailer), 'a name has 201 bytes'],
  ])('%s is damage', (_name, bytes, problem) => {
    expect(read(bytes).problem).toBe(problem);
  });

  test('limits are named', () => {
    const bytes = join(member('a'), member('b'), member('c', { content: 'x'.repeat(50) }), trailer);
    expect(read(bytes, { ...generous, members: 2 }).problem).toBe(
      'it has more than 2 members (limit membersPerInitramfs)',
    );
    expect(read(bytes, { ...generous, contentLength: 10 }, () => true).problem).toBe(
      'what it configures takes more than 10 bytes (limit keptPerInitramfs)',
    );
    expect(read(bytes, { ...generous, contentLength: 10 }, () => false).members).toHaveLength(3);
  });

  test('never throw, and never ask for more than the input again and again', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constant(trailer),
      fc.constant(join(9)),
      fc.string({ maxLength: 9 }).map((path) => member(path, { content: path })),
      fc
        .tuple(fc.nat(120), fc.nat(255))
        .map(([at, value]) => member('hidden').map((byte, index) => (index === at ? value : byte))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const bytes = join(...pieces);
        const { length, members } = read(bytes, { members: 20, nameLength: 50, contentLength: 50 }, () => true);
        expect(members.length).toBeLessThanOrEqual(20);
        expect(length).toBeGreaterThanOrEqual(0);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

test.each([
  ['070701', 'cpio'],
  ['070702', 'cpio'],
  ['070707', undefined],
  ['BZh9', 'bzip2'],
  ['\x1f\x8b\x08', 'gzip'],
  ['\xfd7zXZ\0', 'xz'],
  ['\x5d\0\0', 'lzma'],
  ['\x02\x21\x4c\x18', 'lz4'],
  ['\x89LZO', 'lzop'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['\x04\x22\x4d\x18', undefined],
  ['', undefined],
])('%j begins a segment of %s', (start, kind) => {
  expect(identifyInitramfsSegment(Uint8Array.from(start, (character) => character.charCodeAt(0)))).toBe(kind);
});

test('modules are found by their place, and a squashed root by its name', () => {
  const paths = [
    'usr/lib/modules/6.1/kernel/nvme-core.ko.xz',
    'lib/modules/6.1/extra/a.ko',
    'lib/modules/6.1/modules.dep',
    'usr/lib/firmware/x.ko.bin',
  ];
  const members = paths.map((path) => ({ path, mode: 0o100644, size: 1 }));
  expect(packedModules(members).map(({ release, name }) => [release, name])).toEqual([
    ['6.1', 'nvme_core'],
    ['6.1', 'a'],
  ]);
  expect(squashedRoot(members)).toBeUndefined();
  expect(squashedRoot([...members, { path: 'squash-root.img', mode: 0o100644, size: 1 }])?.path).toBe(
    'squash-root.img',
  );
});
