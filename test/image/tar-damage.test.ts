import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import { limits } from '../../src/image/limits.ts';
import { TarTree } from '../../src/image/tar-tree.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryDevice, randomSequence, readEverything } from '../disk/fat-image.ts';
import { archive, member, pax, seal } from './tar-image.ts';

const treeOf = (...members: readonly Uint8Array[]) => new TarTree(memoryDevice(archive(...members)));
const folder = (name: string) => member(name, { type: '5', mode: 0o755 });
const link = (name: string, linkTarget: string) => member(name, { type: '2', linkTarget });

describe('a tar that is damaged', () => {
  const map = '2\n0\n5\n600\n5\n'.padEnd(512, '\0');
  const old = member('old', { type: 'S', content: 'helloworld', magic: 'ustar  \0' });
  for (const [index, value] of [0, 5, 600, 5].entries())
    old.write(`${value.toString(8).padStart(11, '0')}\0`, 386 + 12 * index, 'latin1');
  old.write('00000001135\0', 483, 'latin1');
  seal(old);
  const records = (size: string): (readonly [string, string])[] => [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.realsize', size],
  ];
  const members = [
    folder('./'),
    folder('./etc'),
    member('./etc/passwd', { content: 'root:x:0:0\n'.repeat(100) }),
    member('L', { type: 'L', content: `./etc/${'n'.repeat(200)}\0` }),
    member('cut', { content: 'long' }),
    pax([
      ['path', './etc/own'],
      ['mtime', '1.25'],
      ['uid', '5'],
    ]),
    member('cut', { content: 'own' }),
    old,
    pax([...records('605'), ['GNU.sparse.name', 'one']]),
    member('cut', { content: `${map}helloworld` }),
    pax([
      ['GNU.sparse.size', '605'],
      ['GNU.sparse.map', '0,5,600,5'],
    ]),
    member('map', { content: 'helloworld' }),
    link('link', 'etc/passwd'),
    member('hard', { type: '1', linkTarget: 'etc/passwd' }),
  ];
  const whole = archive(...members);

  test('is whole before that', () => {
    const root = new TreeRootFs(new TarTree(memoryDevice(whole)));
    const expected = `hello${'\0'.repeat(595)}world`;
    for (const name of ['/old', '/one', '/map']) expect([name, root.readText(name)]).toEqual([name, expected]);
    expect(Buffer.from(root.readBytes('/map', 3, 599) ?? []).toString()).toBe(expected.slice(3, 602));
    expect(root.readText('/hard')).toBe(root.readText('/link'));
  });

  test('by a cut is an error that names the place', () => {
    const end = whole.length - 1024;
    for (let size = 512; size <= end; size += 256) {
      const cut = () => new TarTree(memoryDevice(whole.subarray(0, size)));
      expect(cut).toThrow(DiskError);
      if (size % 512 === 0) expect(cut).toThrow(`tar archive at byte ${size} is cut short`);
    }
    expect(new TarTree(memoryDevice(whole.subarray(0, end + 512))).problems).toEqual([]);
  });

  test('in single bytes yields errors of the disk and nothing else', () => {
    const random = randomSequence(42);
    const image = Buffer.from(whole);
    let noticed = 0;
    for (let mutant = 0; mutant < 1500; mutant++) {
      const at = random(image.length / 512 - 2) * 512;
      const block = image.subarray(at, at + 512);
      const before = Buffer.from(block);
      for (let count = 1 + random(8); count > 0; count--)
        block[random(2) ? random(512) : 100 + random(60)] = random(2) ? 0x30 + random(10) : random(256);
      if (mutant % 4 !== 0) seal(block);
      const { errors } = readEverything(() => new TarTree(memoryDevice(image)));
      if (errors.length > 0) noticed += 1;
      block.set(before);
    }
    expect(noticed).toBeGreaterThan(500);
  });

  test.each([
    ['beyond the size', records('604'), map],
    ['in the wrong order', records('605'), '2\n600\n5\n0\n5\n'.padEnd(512, '\0')],
    ['larger than its content', records('9999'), '1\n0\n5000\n'.padEnd(512, '\0')],
    ['that does not end', records('605'), '9\n0\n5\n'.padEnd(512, '0')],
    ['of text', records('605'), 'hello\n'.padEnd(512, '\0')],
    ['without a size', records('605').slice(0, 2), map],
  ])('by a sparse map %s is an error', (_name, fields, content) => {
    expect(() => treeOf(pax(fields), member('cut', { content: `${content}helloworld` }))).toThrow(DiskError);
  });

  test('is not asked for more of a hole than one read may fetch', () => {
    const size = 2 ** 50;
    const tree = treeOf(
      pax([
        ['GNU.sparse.size', `${size}`],
        ['GNU.sparse.map', `${size},0`],
      ]),
      member('huge'),
    );
    const node = tree.lookup(tree.root, 'huge') ?? tree.root;
    expect(tree.status(node).size).toBe(size);
    expect(tree.read(node, 2 ** 49, 4)).toEqual(new Uint8Array(4));
    expect(() => tree.read(node, 0, 2 ** 40)).toThrow(/limit bytesPerRead/);
  });

  test('is not read beyond the limits of members and of pieces', () => {
    // Two thousand directories each.
    const deep = Array.from({ length: limits.membersPerTar / 2000 + 1 }, (_, index) => [
      member('L', { type: 'L', content: `${index}/${'d/'.repeat(2000)}\0` }),
      member('cut'),
    ]);
    expect(() => treeOf(...deep.flat())).toThrow(/limit membersPerTar/);
    const map = '0,0,'.repeat(limits.piecesPerTar + 1);
    const sparse = pax([
      ['GNU.sparse.size', '5'],
      ['GNU.sparse.map', map],
    ]);
    expect(() => treeOf(sparse, member('file'))).toThrow(/limit piecesPerTar/);
  });
});
