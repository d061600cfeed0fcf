import { crc32, createInflateRaw } from 'node:zlib';
import type { Compression, Host } from '../engine/host.ts';
import { type ByteCursor, byteCursor } from './byte-cursor.ts';

type Take = (piece: Uint8Array) => boolean;
type Decoder = (cursor: ByteCursor, take: Take) => Promise<number> | number;

/** Node's part of {@link Host}. Each decoder's library is loaded only when it is used. */
export const decompress: Host['decompress'] = async (compression, input, take) =>
  decoders[compression](byteCursor(input), take);

const decoders: Readonly<Record<Compression, Decoder>> = {
  gzip: gunzip,
  zstd: unzstd,
  lz4: unlz4,
  xz: unxz,
  bzip2: bunzip2,
};

const PORTION = 64 * 1024;
/** Each portion is a round trip to zlib's thread. */
const INFLATE_PORTION = 512 * 1024;

/** All members in a row. RFC 1952, section 2.3. */
async function gunzip(cursor: ByteCursor, take: Take): Promise<number> {
  let wanted = true;
  while (wanted && startsWith(cursor, [0x1f, 0x8b])) {
    let checksum = 0;
    skipMemberHeader(cursor);
    await inflate(cursor, (piece) => {
      checksum = crc32(piece, checksum);
      wanted = take(piece);
      return wanted;
    });
    if (wanted && viewOf(cursor.take(8)).getUint32(0, true) !== checksum) throw new Error('the gzip data is damaged');
  }
  return cursor.position();
}

function skipMemberHeader(cursor: ByteCursor): void {
  const flags = cursor.take(10)[3] ?? 0;
  if (flags & 4) skip(cursor, viewOf(cursor.take(2)).getUint16(0, true));
  for (const text of [8, 16]) {
    while (flags & text && cursor.take(1)[0] !== 0);
  }
  if (flags & 2) cursor.take(2);
}

/** Takes exactly the bytes of one deflate stream. */
async function inflate(cursor: ByteCursor, take: Take): Promise<void> {
  const stream = createInflateRaw({ chunkSize: INFLATE_PORTION });
  let isOver = false;
  let isWanted = true;
  let failure: Error | undefined;
  let wake = () => {};
  const finish = (error?: Error) => {
    isOver = true;
    failure = error;
    wake();
  };
  stream.on('error', finish).on('end', () => finish());
  stream.on('data', (piece: Uint8Array) => {
    if (isWanted && !take(piece)) isWanted = false;
  });
  while (!isOver && isWanted) {
    const piece = cursor.peekSome(INFLATE_PORTION);
    const before = stream.bytesWritten;
    // A stream that is over before its input does not acknowledge the rest.
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (piece.length > 0) stream.write(piece, () => resolve());
      else stream.end();
    });
    cursor.take(stream.bytesWritten - before);
  }
  stream.destroy();
  if (failure) throw failure;
}

const ZSTD_FRAME = 0xfd2fb528;
/** Bytes. `zstd -19` wants 8 MiB; the decoder moves the whole window for each block of 128 KiB. */
const ZSTD_WINDOW = 32 * 1024 * 1024;

/** All frames in a row, fed block by block, so that the end of each is known. RFC 8878, section 3. */
async function unzstd(cursor: ByteCursor, take: Take): Promise<number> {
  const { Decompress } = await import('fzstd');
  let wanted = true;
  while (wanted) {
    const start = cursor.peek(4);
    const magic = start.length === 4 ? viewOf(start).getUint32(0, true) : 0;
    if (magic >>> 4 === 0x184d2a5) {
      cursor.take(4);
      skip(cursor, viewOf(cursor.take(4)).getUint32(0, true));
      continue;
    }
    if (magic !== ZSTD_FRAME) break;
    const frame = new Decompress((piece) => {
      if (wanted && piece.length > 0 && !take(piece)) wanted = false;
    });
    const descriptor = cursor.peek(5)[4] ?? 0;
    if (windowLength(cursor.peek(18)) > ZSTD_WINDOW) throw new Error('the zstd data wants too large a window');
    frame.push(cursor.take(frameHeaderLength(descriptor)).slice());
    for (let isLast = false; wanted && !isLast; ) {
      const header = cursor.peek(3);
      const value = (header[0] ?? 0) | ((header[1] ?? 0) << 8) | ((header[2] ?? 0) << 16);
      isLast = (value & 1) === 1;
      // A block of type 1 is one byte to repeat, whatever its size.
      const length = ((value >> 1) & 3) === 1 ? 1 : value >> 3;
      const checksum = isLast && (descriptor & 4) !== 0 ? 4 : 0;
      frame.push(cursor.take(3 + length + checksum).slice(), isLast);
    }
  }
  return cursor.position();
}

function frameHeaderLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = descriptor >> 6 === 0 ? (isSingleSegment ? 1 : 0) : 1 << (descriptor >> 6);
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  return 4 + 1 + (isSingleSegment ? 0 : 1) + dictionary + contentSize;
}

/** Bytes that a decoder has to remember: RFC 8878, section 3.1.1.1.2. */
function windowLength(header: Uint8Array): number {
  const descriptor = header[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const exponent = (header[5] ?? 0) >> 3;
    return 2 ** (10 + exponent) * (1 + ((header[5] ?? 0) & 7) / 8);
  }
  // A single segment is remembered as a whole: its length stands behind the dictionary.
  const end = frameHeaderLength(descriptor);
  const start = end - (descriptor >> 6 === 0 ? 1 : 1 << (descriptor >> 6));
  const length = header.subarray(start, end).reduceRight((sum, byte) => sum * 256 + byte, 0);
  return descriptor >> 6 === 1 ? length + 256 : length;
}

function skip(cursor: ByteCursor, count: number): void {
  for (let left = count; left > 0; ) left -= cursor.takeSome(left)?.length ?? left;
}

const LZ4_LEGACY = 0x184c2102;
/** Bytes of one block of the legacy format, uncompressed: LEGACY_BLOCKSIZE of lz4's lz4io.c. */
const LZ4_BLOCK = 8 * 1024 * 1024;

/** The legacy format has no end mark: it ends where no block can begin. */
async function unlz4(cursor: ByteCursor, take: Take): Promise<number> {
  const { decompressBlock } = await import('lz4js');
  const block = new Uint8Array(LZ4_BLOCK);
  for (;;) {
    const start = cursor.peek(4);
    if (start.length < 4) break;
    const size = viewOf(start).getUint32(0, true);
    if (size === LZ4_LEGACY) {
      cursor.take(4);
      continue;
    }
    // A size that no block has is the next segment, or the padding before it.
    if (size === 0 || size > LZ4_BLOCK + LZ4_BLOCK / 255 + 16) break;
    cursor.take(4);
    const length = decompressBlock(cursor.take(size), block, 0, size, 0);
    if (length < 0 || length > LZ4_BLOCK) throw new Error('the lz4 data is damaged');
    if (!take(block.slice(0, length))) break;
  }
  return cursor.position();
}

/** All streams in a row. The decoder wants no byte more than they have, so each is cut off at its footer. */
async function unxz(cursor: ByteCursor, take: Take): Promise<number> {
  const { XzReadableStream } = await import('xz-decompress');
  let isWanted = true;
  while (isWanted && startsWith(cursor, XZ_MAGIC)) {
    let isOver = false;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        const bytes = cursor.peek(PORTION);
        const end = xzFooterEnd(bytes);
        // Without a footer the last bytes stay, as one may begin there.
        const length = end ?? (bytes.length < PORTION ? 0 : PORTION - XZ_FOOTER);
        if (isOver) controller.close();
        else if (length === 0) controller.error(new Error('the compressed data ends too early'));
        else controller.enqueue(cursor.take(length).slice());
        isOver ||= end !== undefined;
      },
    });
    for await (const piece of new XzReadableStream(source)) {
      isWanted = piece.length === 0 || take(piece);
      if (!isWanted) break;
    }
  }
  return cursor.position();
}

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const XZ_FOOTER = 12;

/** Where a stream ends in bytes that begin at a multiple of four of it: section 2.1.2 of the .xz format. */
function xzFooterEnd(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  for (let end = XZ_FOOTER; end <= bytes.length; end += 4) {
    const isFooter = bytes[end - 2] === 0x59 && bytes[end - 1] === 0x5a;
    if (isFooter && view.getUint32(end - XZ_FOOTER, true) === crc32(bytes.subarray(end - 8, end - 2))) return end;
  }
  return undefined;
}

function startsWith(cursor: ByteCursor, magic: readonly number[]): boolean {
  const start = cursor.peek(magic.length);
  return magic.every((byte, index) => start[index] === byte);
}

async function bunzip2(cursor: ByteCursor, take: Take): Promise<number> {
  const { default: Bunzip } = await import('seek-bzip');
  const enough = new Error('enough');
  const piece = new Uint8Array(PORTION);
  let filled = 0;
  const flush = () => {
    const isWanted = filled === 0 || take(piece.slice(0, filled));
    filled = 0;
    if (!isWanted) throw enough;
  };
  const source = {
    readByte: () => cursor.take(1)[0] ?? 0,
    read(target: Uint8Array, offset: number, length: number) {
      target.set(cursor.take(length), offset);
      return length;
    },
  };
  const sink = {
    writeByte(byte: number) {
      piece[filled++] = byte;
      if (filled === PORTION) flush();
    },
  };
  try {
    while (startsWith(cursor, [0x42, 0x5a, 0x68])) Bunzip.decode(source, sink);
    flush();
  } catch (error) {
    if (error !== enough) throw error;
  }
  return cursor.position();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
