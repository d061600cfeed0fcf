import { DiskError } from '../../disk-error.ts';
import type { Chunk } from './chunk.ts';

/** Where the bytes from a logical address on are. */
export interface Location {
  /** Bytes from the start of the device, one for each copy on it. */
  readonly copies: readonly number[];
  /** Bytes from the address to the end of its chunk. */
  readonly room: number;
}

/** Translates logical addresses into places on the one device that is read. */
export interface AddressMap {
  /** @throws {DiskError} when nothing is mapped there, or what is mapped lies on another device */
  locate(logical: number): Location;
}

/**
 * @param known Chunks that need no search.
 * @param search Finds the last chunk that starts at or before an address; undefined where only the known ones count.
 */
export function addressMap(known: readonly Chunk[], search?: (logical: number) => Chunk | undefined): AddressMap {
  const chunks = [...known];
  return {
    locate: (logical) => {
      const chunk = chunks.find((one) => contains(one, logical)) ?? remember(chunks, search?.(logical));
      if (!chunk || !contains(chunk, logical))
        throw new DiskError('corrupt', `btrfs logical address ${logical}`, 'belongs to no chunk');
      if (chunk.problem) throw new DiskError('unsupported', `btrfs chunk at ${chunk.start}`, chunk.problem);
      const into = logical - chunk.start;
      return { copies: chunk.copies.map((start) => start + into), room: chunk.length - into };
    },
  };
}

/** A chunk is a gigabyte as a rule, so few are enough. */
const REMEMBERED = 256;

function remember(chunks: Chunk[], chunk: Chunk | undefined): Chunk | undefined {
  if (!chunk) return undefined;
  if (chunks.length >= REMEMBERED) chunks.pop();
  chunks.unshift(chunk);
  return chunk;
}

function contains({ start, length }: Chunk, logical: number): boolean {
  return logical >= start && logical < start + length;
}
