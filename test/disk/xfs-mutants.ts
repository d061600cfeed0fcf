import { rawCrc32c } from '../../src/disk/checksums.ts';
import { sequence } from './memory-disk.ts';

/** A structure of an image: where it lies, and where in it the checksum. */
interface Target {
  readonly name: 'superblock' | 'inode' | 'directory' | 'tree' | 'link' | 'log';
  readonly offset: number;
  readonly size: number;
  readonly checksum: number | undefined;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Magics of version 4 and 5, the latter with a checksum. */
const magics: Readonly<Record<number, readonly [Target['name'], number | undefined]>> = {
  1480868402: ['directory', undefined],
  1480868420: ['directory', undefined],
  1480868403: ['directory', 4],
  1480868915: ['directory', 4],
  1112359248: ['tree', undefined],
  1112359219: ['tree', 64],
  1481854029: ['link', 12],
};

/** All structures that a reader looks at, and on request the records of the log but the empty ones of a mount. */
export function targetsOf(image: Uint8Array, withLog: boolean): Target[] {
  const view = viewOf(image);
  const isV5 = (view.getUint16(100) & 15) === 5;
  const blockSize = view.getUint32(4);
  const inodeSize = view.getUint16(104);
  const logStart = view.getUint32(52) * blockSize;
  const logEnd = logStart + view.getUint32(96) * blockSize;
  const targets: Target[] = [{ name: 'superblock', offset: 0, size: 512, checksum: isV5 ? 224 : undefined }];
  for (let offset = inodeSize; offset < image.length; offset += inodeSize) {
    if (offset >= logStart && offset < logEnd) {
      if (withLog && view.getUint32(offset) === 0xfeedbabe && view.getUint32(offset + 40) > 0)
        targets.push({ name: 'log', offset, size: 512 + Math.min(32_000, view.getUint32(offset + 12)), checksum: 32 });
      continue;
    }
    // Two inodes without names keep the books of a real-time device.
    const isBook = isV5 && [64, 72].some((at) => view.getBigUint64(at) === view.getBigUint64(offset + 152));
    if (view.getUint16(offset) === 0x494e && view.getUint16(offset + 2) !== 0 && !isBook)
      targets.push({ name: 'inode', offset, size: inodeSize, checksum: isV5 ? 100 : undefined });
    const [name, checksum] = (offset % blockSize === 0 && magics[view.getUint32(offset)]) || [];
    if (name) targets.push({ name, offset, size: blockSize, checksum });
  }
  return targets;
}

/** Makes the checksum right again, so that what lies behind it is put to the test. */
export function seal(image: Uint8Array, { name, offset, size, checksum }: Target): void {
  if (checksum === undefined) return;
  const bytes = image.subarray(offset, offset + size);
  const whole = name === 'log' ? sealedLength(bytes) : bytes;
  let value = rawCrc32c(whole.subarray(0, checksum), 0xffffffff);
  value = rawCrc32c(new Uint8Array(4), value);
  value = rawCrc32c(whole.subarray(checksum + 4), value);
  viewOf(bytes).setUint32(checksum, ~value >>> 0, true);
}

/** Of a log record the first 328 bytes of its header count, and its body. */
function sealedLength(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(512, 512 + viewOf(bytes).getUint32(12));
  const whole = new Uint8Array(328 + body.length);
  whole.set(bytes.subarray(0, 328));
  whole.set(body, 328);
  return whole;
}

/** Changes some bytes of one to three structures, and gives what undoes it. */
export function mutate(image: Uint8Array, targets: readonly Target[], seed: number, isSealed: boolean): () => void {
  const random = sequence(seed * 7919);
  for (let warm = 0; warm < 8; warm++) random(2);
  const undo: (() => void)[] = [];
  for (let hits = 1 + random(3); hits > 0; hits--) {
    const target = targets[random(targets.length)];
    if (!target) throw new Error('has nothing to change');
    const before = image.slice(target.offset, target.offset + target.size);
    undo.push(() => image.set(before, target.offset));
    for (let count = 1 + random(6); count > 0; count--) {
      // Headers lie in front, and say most.
      const at = random(2) ? random(target.size) : random(Math.min(target.size, 200));
      const byte = image[target.offset + at] ?? 0;
      image[target.offset + at] = [random(256), 255, 0, byte ^ (1 << random(8)), byte + 1][random(5)] ?? 0;
    }
    if (isSealed) seal(image, target);
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}
