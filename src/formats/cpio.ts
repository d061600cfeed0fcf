/** One file of a cpio archive. */
export interface CpioMember {
  /** Without a leading `/` or `./`. */
  readonly path: string;
  /** Type and permission bits as in `st_mode`. */
  readonly mode: number;
  /** Bytes; of a hard link all but the last name have none. */
  readonly size: number;
  /** Where a symbolic link leads. */
  readonly target?: string;
  /** Only of members that were asked for. */
  readonly content?: Uint8Array;
}

/** The reader's wish: move on by `skip` bytes, then show the next `peek` bytes, or fewer at the end. */
export interface CpioRequest {
  readonly skip: number;
  readonly peek: number;
}

export interface CpioArchives {
  readonly members: readonly CpioMember[];
  /** Bytes that the archives and the zeros around them take up. */
  readonly length: number;
  /** The beginning of what follows and is no archive; empty at the end of the input. */
  readonly rest: Uint8Array;
  /** Why reading stopped in the middle of an archive. */
  readonly problem?: string;
}

export interface CpioLimits {
  readonly members: number;
  /** Bytes of one name or link target. */
  readonly nameLength: number;
  /** Bytes of all contents that are kept. */
  readonly contentLength: number;
}

const HEADER = 110;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;
/** Zeros between archives are looked for in pieces of this many bytes. */
const PADDING = 512;

/**
 * Archives in the new ASCII format (magic 070701, and 070702 with checksums, which nobody verifies), one after the
 * other, each ended by a member `TRAILER!!!`, with zeros between them: what `do_header` to `do_reset` of the kernel's
 * init/initramfs.c accept. Reads nothing itself: the caller serves its requests, so that an archive may lie in a file
 * or come in pieces.
 *
 * @param wants Whether to keep the content of a regular file.
 */
export function* readCpio(
  limits: CpioLimits,
  wants: (path: string) => boolean,
): Generator<CpioRequest, CpioArchives, Uint8Array> {
  const members: CpioMember[] = [];
  let length = 0;
  let skip = 0;
  let kept = 0;
  let isInside = false;
  for (;;) {
    const start: Uint8Array = yield { skip, peek: isInside ? HEADER : PADDING };
    length += skip;
    const stop = (problem?: string): CpioArchives => ({
      members,
      length,
      rest: start,
      ...(problem !== undefined && { problem }),
    });
    skip = isInside ? 0 : countZeros(start);
    if (skip > 0) continue;
    const header = parseHeader(start);
    if (!header && !isInside && !beginsLikeCpio(start)) return stop();
    if (!header) return stop(start.length < HEADER ? endsEarly : 'a member has no valid header');
    if (header.nameSize > limits.nameLength) return stop(`a name has ${header.nameSize} bytes`);
    if (members.length >= limits.members)
      return stop(`it has more than ${limits.members} members (limit membersPerInitramfs)`);

    const dataStart = align(HEADER + header.nameSize);
    const isSymlink = (header.mode & FILE_TYPE) === SYMLINK && header.size <= limits.nameLength;
    const named: Uint8Array = yield { skip: 0, peek: isSymlink ? dataStart + header.size : HEADER + header.nameSize };
    const path = decode(named.subarray(HEADER, HEADER + header.nameSize)).replace(/^(?:\.?\/)+/, '');
    isInside = path !== 'TRAILER!!!';
    skip = dataStart + align(header.size);
    if (named.length < HEADER + header.nameSize) return stop(endsEarly);
    if (!isInside) continue;

    const { mode, size } = header;
    const isKept = (mode & FILE_TYPE) === REGULAR && wants(path);
    if (isKept && kept + size > limits.contentLength)
      return stop(`what it configures takes more than ${limits.contentLength} bytes (limit keptPerInitramfs)`);
    let content: Uint8Array | undefined;
    if (isKept) {
      const whole: Uint8Array = yield { skip: 0, peek: dataStart + size };
      if (whole.length < dataStart + size) return stop(endsEarly);
      content = whole.slice(dataStart);
      kept += size;
    }
    const target = isSymlink ? decode(named.subarray(dataStart)) : undefined;
    members.push({ path, mode, size, ...(target !== undefined && { target }), ...(content && { content }) });
  }
}

const endsEarly = 'it ends in the middle of a member';

/** Numbers are eight hexadecimal digits each: inode, mode, owners, links, time, size, devices, name length, checksum. */
function parseHeader(bytes: Uint8Array): { mode: number; size: number; nameSize: number } | undefined {
  if (bytes.length < HEADER) return undefined;
  const text = decode(bytes.subarray(0, HEADER));
  if (!/^07070[12][0-9A-Fa-f]{104}/.test(text)) return undefined;
  const field = (index: number) => Number.parseInt(text.slice(6 + index * 8, 14 + index * 8), 16);
  return { mode: field(1), size: field(6), nameSize: field(11) };
}

function beginsLikeCpio(bytes: Uint8Array): boolean {
  return bytes.length > 0 && '070701'.startsWith(decode(bytes.subarray(0, 5)));
}

function countZeros(bytes: Uint8Array): number {
  const index = bytes.findIndex((byte) => byte !== 0);
  return index < 0 ? bytes.length : index;
}

function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** A name ends at its NUL. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).split('\0', 1)[0] ?? '';
}
