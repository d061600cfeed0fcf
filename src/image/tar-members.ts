import type { BlockDevice } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import { decodeName } from '../files/names.ts';
import { limits } from './limits.ts';
import type { FileType } from './root-fs.ts';
import { noRecords, type PaxRecords, parsePax, paxNumber } from './tar-extensions.ts';
import { isTarHeader, isZeroBlock, parseTarHeader, TAR_BLOCK, type TarHeader, untilNul } from './tar-header.ts';
import { sparseContent, type TarContent } from './tar-sparse.ts';

/** One file of the archive with everything that its headers say. */
export interface TarMember {
  /** Of its header, in bytes from the start of the archive. */
  readonly offset: number;
  /** As stored: `./etc/passwd`, `/etc/passwd`, `etc/`. */
  readonly path: string;
  readonly type: FileType | 'hard-link';
  /** Of symbolic and hard links. */
  readonly linkTarget: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  /** Of files, and of hard links that repeat it. */
  readonly content: TarContent;
}

/** What headers in front of a member say about it. */
interface Announced {
  readonly path?: Uint8Array;
  readonly linkTarget?: Uint8Array;
  readonly records?: PaxRecords;
}

const noContent: TarContent = { size: 0, pieces: [] };
const types: Readonly<Record<string, TarMember['type']>> = {
  '1': 'hard-link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  // A directory with a list of its entries, of GNU tar's incremental archives.
  D: 'directory',
};

/**
 * Reads the headers of an archive one after the other, and nothing between them but long names and sparse maps. The
 * archive ends at its first block of zeros, as for GNU tar.
 *
 * @throws {DiskError} that names the offset, when a header is damaged or the archive is cut short
 */
export function* tarMembers(device: BlockDevice): Generator<TarMember> {
  const blockAt = headerReader(device);
  let global = noRecords;
  let announced: Announced = {};
  for (let offset = 0; ; ) {
    const block = blockAt(offset);
    if (isZeroBlock(block)) return;
    if (!isTarHeader(block))
      throw new DiskError('corrupt', 'tar archive', 'has no header where the next member should begin', offset);
    const header = parseTarHeader(block, offset);
    const at = offset + TAR_BLOCK;
    if ('xXgLK'.includes(header.type)) {
      const text = textOf(device, header, at);
      if (header.type === 'g') global = parsePax(text, at, global);
      else if (header.type === 'L') announced = { ...announced, path: untilNul(text) };
      else if (header.type === 'K') announced = { ...announced, linkTarget: untilNul(text) };
      else announced = { ...announced, records: parsePax(text, at, global) };
      offset = at + padded(header.size);
      continue;
    }
    const { member, end } = memberOf(device, header, at, { records: global, ...announced }, blockAt);
    if (member) yield member;
    announced = {};
    offset = end;
  }
}

function memberOf(
  device: BlockDevice,
  header: TarHeader,
  at: number,
  { path, linkTarget, records = noRecords }: Announced,
  blockAt: (offset: number) => Uint8Array,
): { member: TarMember | undefined; end: number } {
  const { type, offset } = header;
  if (type === 'M' || type === 'N')
    throw new DiskError('unsupported', 'tar header', `is part of an archive in volumes (type ${type})`, offset);
  const stored = paxNumber(records, 'size', offset) ?? header.size;
  const name = decodeName(
    checkedName(records.values.get('GNU.sparse.name') ?? records.values.get('path') ?? path ?? header.path, offset),
  );
  // Before there was a type for directories, a slash at the end told them.
  const isOldDirectory = (type === '0' || type === '\0') && name.endsWith('/');
  const kind = isOldDirectory ? 'directory' : (types[type] ?? 'file');
  if (kind === 'file' && at + stored > device.size) throw cutShort(device, at + stored, name, offset);
  const sparse = kind === 'file' ? sparseContent(device, header, records, at, stored) : undefined;
  const hasContent = kind === 'file' || type === 'D' || type === 'V' || (kind === 'hard-link' && repeats());
  const length = hasContent ? stored : 0;
  // The header of an old GNU sparse file goes on in front of its content.
  const start = sparse?.start ?? at;
  if (start + length > device.size) throw cutShort(device, start + length, name, offset);
  const end = start + padded(length);
  if (type === 'V') return { member: undefined, end };
  const whole = length === 0 ? noContent : { size: length, pieces: [{ offset: 0, length, at }] };
  const member: TarMember = {
    offset,
    path: name,
    type: kind,
    linkTarget: decodeName(checkedName(records.values.get('linkpath') ?? linkTarget ?? header.linkTarget, offset)),
    mode: header.mode,
    uid: paxNumber(records, 'uid', offset) ?? header.uid,
    gid: paxNumber(records, 'gid', offset) ?? header.gid,
    mtime: paxNumber(records, 'mtime', offset) ?? header.mtime,
    content: sparse?.content ?? (kind === 'file' || kind === 'hard-link' ? whole : noContent),
  };
  return { member, end };

  /** POSIX lets a hard link repeat the content; elsewhere the size is that of the other file and nothing follows. */
  function repeats(): boolean {
    if (stored === 0 || at + padded(stored) + TAR_BLOCK > device.size) return false;
    const next = blockAt(at);
    return !isTarHeader(next) && !isZeroBlock(next);
  }
}

function textOf(device: BlockDevice, { type, size, offset }: TarHeader, at: number): Uint8Array {
  if (size > limits.bytesPerTarHeader)
    throw new DiskError(
      'limit',
      'tar header',
      `has ${size} bytes of extensions (limit bytesPerTarHeader, ${limits.bytesPerTarHeader})`,
      offset,
    );
  if (at + size > device.size) throw cutShort(device, at + size, `header of type ${type}`, offset);
  // A copy: what is kept of it must not hold on to a cache.
  return device.read(at, size).slice();
}

function checkedName(bytes: Uint8Array, offset: number): Uint8Array {
  if (bytes.includes(0)) throw new DiskError('corrupt', 'tar header', 'has a name with a NUL in it', offset);
  return bytes;
}

function cutShort(device: BlockDevice, end: number, name: string, offset: number): DiskError {
  return new DiskError(
    'corrupt',
    'tar archive',
    `is cut short: ${JSON.stringify(name)} (header at byte ${offset}) reaches to byte ${end}`,
    device.size,
    'make the archive again, or fetch it again',
  );
}

function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

const SMALLEST_WINDOW = 4096;
const LARGEST_WINDOW = 16 * 1024;

/** Reads single headers ahead as long as they stand close together, so that large contents are jumped over. */
function headerReader(device: BlockDevice): (offset: number) => Uint8Array {
  let window: Uint8Array = new Uint8Array();
  let start = 0;
  let ahead = SMALLEST_WINDOW;
  return (offset) => {
    if (offset < start || offset + TAR_BLOCK > start + window.length) {
      if (offset + TAR_BLOCK > device.size)
        throw new DiskError(
          'corrupt',
          'tar archive',
          'is cut short: it ends without the block of zeros that closes an archive',
          device.size,
          'make the archive again, or fetch it again',
        );
      const isNear = offset >= start && offset <= start + window.length + SMALLEST_WINDOW;
      ahead = isNear ? Math.min(ahead * 2, LARGEST_WINDOW) : SMALLEST_WINDOW;
      window = device.read(offset, Math.min(ahead, device.size - offset));
      start = offset;
    }
    return window.subarray(offset - start, offset - start + TAR_BLOCK);
  };
}
