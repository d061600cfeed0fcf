import type { CpioMember } from './cpio.ts';

/** What a stretch of an initramfs begins with; `lzma` and `lzop` are known, but nothing here decompresses them. */
export type InitramfsSegment = 'cpio' | 'gzip' | 'bzip2' | 'xz' | 'lz4' | 'zstd' | 'lzma' | 'lzop' | 'old-cpio';

const MAGICS: readonly (readonly [InitramfsSegment, readonly number[]])[] = [
  ['cpio', [0x30, 0x37, 0x30, 0x37, 0x30, 0x31]],
  ['cpio', [0x30, 0x37, 0x30, 0x37, 0x30, 0x32]],
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['lzma', [0x5d, 0, 0]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['old-cpio', [0x71, 0xc7]],
  ['old-cpio', [0xc7, 0x71]],
];

/** By the magic numbers of the kernel's lib/decompress.c and init/initramfs.c. */
export function identifyInitramfsSegment(bytes: Uint8Array): InitramfsSegment | undefined {
  return MAGICS.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte))?.[0];
}

/** Files inside the image that hold what the archive itself does not show: the squashed root of dracut. */
const SQUASHED_ROOT = /^squash(?:-root\.img|\/root\.img)$|^(?:root\.img|squashfs-root\.img|erofs-root\.img)$/;

/** The member in which dracut's squash modules hide all others; undefined when there is none. */
export function squashedRoot(members: readonly CpioMember[]): CpioMember | undefined {
  return members.find(({ path }) => SQUASHED_ROOT.test(path));
}

export interface PackedModule {
  readonly release: string;
  /** As the kernel compares names: with underscores. */
  readonly name: string;
  readonly path: string;
}

/** Kernel modules that are really packed, whatever modules.dep beside them lists; they lie below any `lib/modules`. */
export function packedModules(members: readonly CpioMember[]): PackedModule[] {
  return members.flatMap(({ path }) => {
    const folders = path.split('/');
    const file = folders.pop() ?? '';
    const tree = folders.findIndex((folder, index) => folder === 'modules' && folders[index - 1] === 'lib');
    const release = tree < 0 ? undefined : folders[tree + 1];
    if (release === undefined || !/\.ko(?:\.(?:gz|xz|zst))?$/.test(file)) return [];
    return [{ release, name: file.replace(/\.ko(?:\..*)?$/, '').replaceAll('-', '_'), path }];
  });
}
