import { fstatSync, readSync } from 'node:fs';

/** Bytes of an open file; of a block device too, of which the system's status does not tell the size. */
export function sizeOf(descriptor: number): number {
  const status = fstatSync(descriptor);
  return status.isBlockDevice() ? readableSize(descriptor) : status.size;
}

/** Where reading ends, by bisection: about a hundred reads of one byte. */
function readableSize(descriptor: number): number {
  const byte = new Uint8Array(1);
  const isThere = (offset: number): boolean => readSync(descriptor, byte, 0, 1, offset) === 1;
  if (!isThere(0)) return 0;
  let inside = 0;
  let outside = 1;
  while (isThere(outside)) {
    inside = outside;
    outside *= 2;
  }
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (isThere(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}
