import process from 'node:process';
import { Decompress } from 'fzstd';

const MAGIC = 0xfd2fb528;
/** RFC 8878, section 3.1.1.1.2: what every decoder is asked to support; a header can ask for terabytes. */
const LARGEST_WINDOW = 8 * 1024 * 1024;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

type Native = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Node has it from 22.15 on, which the types of Node 20 do not know; loaded when it is needed, as zlib is large. */
const nativeDecoder = () =>
  (process.getBuiltinModule('node:zlib') as { readonly zstdDecompressSync?: Native }).zstdDecompressSync;

/**
 * Expands the Zstandard frame (RFC 8878) at the start of the bytes; what follows it is ignored.
 *
 * Throws on damaged data and when more than `maxBytes` would come out.
 */
export function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const frame = bytes.subarray(0, frameLength(bytes));
  const native = nativeDecoder();
  if (native) return native(frame, { maxOutputLength: maxBytes });
  const pieces: Uint8Array[] = [];
  let size = 0;
  new Decompress((piece) => {
    size += piece.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }).push(frame, true);
  const [only] = pieces;
  if (only && only.length === size) return only;
  const whole = new Uint8Array(size);
  let filled = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  return whole;
}

function tooLarge(maxBytes: number): Error {
  return new RangeError(`the Zstandard frame expands to more than ${maxBytes} bytes`);
}

/** Walks the headers of the blocks, as no length of the whole is stored. */
function frameLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint32(0, true) !== MAGIC) throw new Error('there is no Zstandard frame');
  const reach = (end: number): void => {
    if (end > bytes.length) throw new RangeError('the Zstandard frame is cut short');
  };
  reach(6);
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = 5 + (isSingleSegment ? 0 : 1) + dictionary;
  reach(sizeAt + contentSize);
  if (windowOf(view, isSingleSegment, sizeAt, contentSize) > LARGEST_WINDOW)
    throw new RangeError(`the Zstandard frame asks for a window of more than ${LARGEST_WINDOW} bytes`);
  let offset = sizeAt + contentSize;
  for (let isLast = false; !isLast; ) {
    reach(offset + 3);
    const header = view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error('the Zstandard frame has a block of a reserved type');
    isLast = (header & 1) === 1;
    offset += 3 + (type === RLE_BLOCK ? 1 : header >> 3);
  }
  offset += (descriptor & 4) === 0 ? 0 : 4;
  reach(offset);
  return offset;
}

/** Bytes; of a frame in a single segment the window is all of its content. */
function windowOf(view: DataView, isSingleSegment: boolean, sizeAt: number, sizeBytes: number): number {
  if (!isSingleSegment) {
    const code = view.getUint8(5);
    const base = 2 ** (10 + (code >> 3));
    return base + (base / 8) * (code & 7);
  }
  if (sizeBytes === 1) return view.getUint8(sizeAt);
  if (sizeBytes === 2) return view.getUint16(sizeAt, true) + 256;
  return sizeBytes === 4 ? view.getUint32(sizeAt, true) : Number(view.getBigUint64(sizeAt, true));
}
