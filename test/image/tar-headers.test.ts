import { describe, expect, test } from '@jest/globals';
import { limits } from '../../src/image/limits.ts';
import { TarTree } from '../../src/image/tar-tree.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryDevice } from '../disk/fat-image.ts';
import { archive, member, pax, seal } from './tar-image.ts';

const treeOf = (...members: readonly Uint8Array[]) => new TarTree(memoryDevice(archive(...members)));
const rootOf = (...members: readonly Uint8Array[]) => new TreeRootFs(treeOf(...members));
const folder = (name: string) => member(name, { type: '5', mode: 0o755 });

/** A header whose field is these bytes. */
function withField(offset: number, bytes: readonly number[], fields = {}): Buffer {
  const bytesOfMember = member('file', { content: 'hello', ...fields });
  bytesOfMember.set(bytes, offset);
  seal(bytesOfMember);
  return bytesOfMember;
}

describe('a header of a tar', () => {
  test('of any age gives the name and the type', () => {
    const long = 'd/'.repeat(60);
    const root = rootOf(
      member('v7', { magic: '', type: '\0', content: '1' }),
      member('v7-folder/', { magic: '', type: '\0' }),
      member('short', { prefix: long.slice(0, -1), content: '2' }),
      member('gnu', { magic: 'ustar  \0', prefix: '14000000000', content: '3' }),
      member('contiguous', { type: '7', content: '4' }),
      member('unknown', { type: 'Z', content: '5' }),
      member('label', { type: 'V' }),
      member('listed/', { type: 'D', content: 'Yentry\0\0' }),
      member('pipe', { type: '6' }),
      member('block', { type: '4' }),
      member('character', { type: '3' }),
    );
    expect(root.readText('/v7')).toBe('1');
    expect(root.readText(`/${long}short`)).toBe('2');
    expect(root.readText('/gnu')).toBe('3');
    expect(root.readText('/contiguous')).toBe('4');
    expect(root.readText('/unknown')).toBe('5');
    expect(root.readDir('/')).toEqual([
      { name: 'block', type: 'block-device' },
      { name: 'character', type: 'character-device' },
      { name: 'contiguous', type: 'file' },
      { name: 'd', type: 'directory' },
      { name: 'gnu', type: 'file' },
      { name: 'listed', type: 'directory' },
      { name: 'pipe', type: 'fifo' },
      { name: 'unknown', type: 'file' },
      { name: 'v7', type: 'file' },
      { name: 'v7-folder', type: 'directory' },
    ]);
  });

  test('has a checksum of signed or unsigned bytes', () => {
    expect(rootOf(member('ü', { content: 'x' })).readText('/ü')).toBe('x');
    expect(rootOf(member('ü', { content: 'x', isSigned: true })).readText('/ü')).toBe('x');
    const wrong = member('ü', { content: 'x' });
    wrong[0] = 0x61;
    expect(() => treeOf(folder('etc'), wrong)).toThrow(/tar archive at byte 512 has no header/);
  });

  test('has numbers in octal or in base 256, below zero too', () => {
    const uid = (bytes: readonly number[]) => rootOf(withField(108, bytes)).stat('/file')?.uid;
    expect(uid([0x20, 0x20, 0x31, 0x37, 0x20, 0, 0, 0])).toBe(15);
    expect(uid([0, 0, 0, 0, 0, 0, 0, 0])).toBe(0);
    expect(uid([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe])).toBe(4_294_967_294);
    const mtime = (bytes: readonly number[]) => rootOf(withField(136, bytes)).stat('/file')?.mtime;
    expect(mtime([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfb])).toBe(-5);
    expect(() => uid([0x39, 0x39, 0, 0, 0, 0, 0, 0])).toThrow(/tar header at byte 0 has a uid that is no number/);
    expect(() => treeOf(withField(124, [0x80, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toThrow(/size that is no number/);
    expect(() => treeOf(withField(124, Array<number>(12).fill(0xff)))).toThrow(/a size of -1 bytes/);
  });

  test('may stand behind long names, and global and own pax records', () => {
    const name = 'x'.repeat(300);
    const root = rootOf(
      pax(
        [
          ['uid', '77'],
          ['comment', 'a tool'],
        ],
        'g',
      ),
      member('L', { type: 'L', content: `${name}\0` }),
      member('K', { type: 'K', content: `${name}2\0` }),
      member('cut', { type: '2', linkTarget: 'cut' }),
      pax([
        ['path', 'ü/own'],
        ['uid', '5'],
        ['mtime', '-1.5'],
        ['size', '3'],
        ['SCHILY.xattr.user.x', '\0'],
      ]),
      member('cut', { content: 'abc', size: 0 }),
      pax([['uid', '']]),
      member('taken-back', {}),
      member('after', {}),
    );
    expect(root.readLink(`/${name}`)).toBe(`${name}2`);
    expect(root.lstat(`/${name}`)).toMatchObject({ uid: 77, size: 301, mode: 0o777 });
    expect(root.stat('/ü/own')).toMatchObject({ uid: 5, mtime: -2, size: 3 });
    expect(root.readText('/ü/own')).toBe('abc');
    expect(root.stat('/taken-back')?.uid).toBe(0);
    expect(root.stat('/after')?.uid).toBe(77);
  });

  test.each([
    ['without a length', 'path=x\n', /record without a length/],
    ['of a wrong length', '99 path=x\n', /record of 99 bytes that ends elsewhere/],
    ['without a keyword', '5 =x\n', /record without a keyword/],
    ['with a number that is none', '12 size=abc\n', /size that is no number/],
    ['with a name with NUL', '11 path=a\0\n', /name with a NUL/],
  ])('with a pax record %s is an error', (_name, content, message) => {
    expect(() => treeOf(member('pax', { type: 'x', content }), member('file'))).toThrow(message);
  });

  test('of a kind that cannot be read is an error', () => {
    expect(() => treeOf(member('rest', { type: 'M' }))).toThrow(/part of an archive in volumes/);
    expect(() => treeOf(member('L', { type: 'L', size: limits.bytesPerTarHeader + 1 }))).toThrow(/bytesPerTarHeader/);
  });
});
