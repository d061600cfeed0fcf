import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from './tools.ts';

/** What a target file system cannot hold and the tree leaves out. */
export interface HurtfulOptions {
  /** Device nodes, FIFOs, owners: need root. */
  readonly special?: boolean;
  readonly entries?: number;
  /** Names with blanks, colons or bytes that are not UTF-8. */
  readonly oddNames?: boolean;
  readonly sticky?: boolean;
  /** Characters of the longest symbolic link. */
  readonly longestLink?: number;
}

/** Bytes that do not compress and are the same in every run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  return bytes;
}

/** Builds a tree that touches the corners of a file system: every size class, link length, name length and hole. */
export function buildHurtfulTree(folder: string, options: HurtfulOptions = {}): void {
  const { special = true, entries = 10_000, oddNames = true, sticky = true, longestLink = 4000 } = options;
  mkdirSync(folder, { recursive: true });
  const at = (...names: string[]) => join(folder, ...names);

  mkdirSync(at('sizes'));
  for (const size of [0, 1, 59, 60, 61, 156, 511, 512, 1023, 1024, 4095, 4096, 4097, 12_288, 65_536, 65_537, 1_048_577])
    writeFileSync(at('sizes', `${size}`), noise(size, size + 1));
  writeFileSync(at('sizes', 'text'), 'the same line again\n'.repeat(20_000));

  mkdirSync(at('names'));
  writeFileSync(at('names', 'x'.repeat(255)), 'longest name');
  writeFileSync(at('names', 'ümläut-€-😀'), 'beyond ASCII');
  if (oddNames) {
    writeFileSync(at('names', 'a b:c\\d'), 'blank, colon, backslash');
    writeFileSync(Buffer.concat([Buffer.from(`${at('names')}/not-utf8-`), Buffer.from([0xff, 0xfe, 0xc3])]), 'bytes');
  }

  mkdirSync(at('links'));
  for (const length of [1, 2, 23, 59, 60, 61, 90, 155, 156, 157, 500, 1000, 1023, 2000, 4000])
    if (length <= longestLink) symlinkSync('/'.padEnd(length, 'target/'), at('links', `${length}`));
  writeFileSync(at('links', 'one'), 'three names, one inode');
  linkSync(at('links', 'one'), at('links', 'two'));
  linkSync(at('links', 'one'), at('three'));

  mkdirSync(at('many'));
  for (let index = 0; index < entries; index++)
    writeFileSync(at('many', `entry-${index}-${'n'.repeat(index % 40)}`), '');
  for (let index = 0; index < entries; index += 3) unlinkSync(at('many', `entry-${index}-${'n'.repeat(index % 40)}`));

  let deep = at('deep');
  mkdirSync(deep);
  for (let level = 0; level < 60; level++) {
    deep = join(deep, `level${level}`);
    mkdirSync(deep);
  }
  writeFileSync(join(deep, 'bottom'), 'sixty below');

  sparse(at('sparse'), 300 * 1024 * 1024, [0, 1_000_000, 70_000_001, 299 * 1024 * 1024]);
  sparse(at('hole-at-end'), 5_000_000, [4096]);
  sparse(
    at('holes'),
    8 * 1024 * 1024,
    Array.from({ length: 512 }, (_, index) => index * 16_384),
  );

  mkdirSync(at('modes'));
  for (const mode of [0o000, 0o644, 0o755, 0o4755, 0o2755, ...(sticky ? [0o1777] : [])]) {
    writeFileSync(at('modes', mode.toString(8)), '');
    chmodSync(at('modes', mode.toString(8)), mode);
  }
  mkdirSync(at('empty'));
  if (sticky) chmodSync(at('empty'), 0o1777);
  mkdirSync(at('times'));
  for (const time of [0, 1, 1_000_000_000, 2_147_483_647, 2_147_483_648, 4_000_000_000]) {
    writeFileSync(at('times', `${time}`), '');
    utimesSync(at('times', `${time}`), time, time);
  }
  symlinkSync('x', at('times', 'link'));
  lutimesSync(at('times', 'link'), 1_234_567_890, 1_234_567_890);
  if (!special) return;
  mkdirSync(at('special'));
  run('mkfifo', at('special', 'fifo'));
  run('mknod', at('special', 'null'), 'c', '1', '3');
  run('mknod', at('special', 'large-numbers'), 'b', '259', '70000');
  writeFileSync(at('special', 'owned'), 'by others');
  run('chown', '100000:65534', at('special', 'owned'));
}

function sparse(path: string, size: number, offsets: readonly number[]): void {
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, size);
  for (const offset of offsets) writeSync(descriptor, noise(5000, offset + 7), 0, 5000, offset);
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}
