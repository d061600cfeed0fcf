import type { ByteSource } from './byte-source.ts';

/** Where the header of one package lies in the file. */
export interface NdbPackage {
  readonly offset: number;
  readonly length: number;
}

const HEADER_LENGTH = 32;
const SLOT_LENGTH = 16;
const BLOCK_LENGTH = 16;
const BLOB_HEADER_LENGTH = 16;
const PAGE_LENGTH = 4096;
/** Slots for a million packages. */
const MOST_PAGES = 4096;
/** `RpmP`, `Slot` and `BlbS` as little-endian numbers. */
const FILE_MAGIC = 0x506d7052;
const SLOT_MAGIC = 0x746f6c53;
const BLOB_MAGIC = 0x53626c42;

/**
 * Packages of `Packages.db`, the database that rpm of SUSE writes: slots that point to blobs (rpmpkgReadSlots and
 * rpmpkgReadBlob of lib/backend/ndb/rpmpkg.c). A text instead completes the sentence "the database …".
 */
export function readNdbPackages(source: ByteSource): readonly NdbPackage[] | string {
  const header = source.read(0, HEADER_LENGTH);
  if (header.length < HEADER_LENGTH || numberAt(header, 0) !== FILE_MAGIC) return 'is not one of ndb';
  const version = numberAt(header, 4);
  if (version !== 0) return `is of version ${version} of ndb, of which only 0 is known`;
  const pages = numberAt(header, 12);
  if (pages > MOST_PAGES) return `claims ${pages} pages of slots`;
  const slots = source.read(0, pages * PAGE_LENGTH);
  if (slots.length < pages * PAGE_LENGTH) return 'is cut off';

  const packages: NdbPackage[] = [];
  for (let offset = HEADER_LENGTH; offset < slots.length; offset += SLOT_LENGTH) {
    if (numberAt(slots, offset) !== SLOT_MAGIC) return `is damaged: no slot at ${offset}`;
    const block = numberAt(slots, offset + 8);
    if (block === 0) continue;
    const start = block * BLOCK_LENGTH;
    const blob = source.read(start, BLOB_HEADER_LENGTH);
    const isBlob = blob.length === BLOB_HEADER_LENGTH && numberAt(blob, 0) === BLOB_MAGIC;
    if (!isBlob || numberAt(blob, 4) !== numberAt(slots, offset + 4)) return `is damaged: no package at ${start}`;
    packages.push({ offset: start + BLOB_HEADER_LENGTH, length: numberAt(blob, 12) });
  }
  return packages;
}

function numberAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}
