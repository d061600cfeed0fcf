import { viewOf } from '../../bytes.ts';
import type { BootSector } from './boot-sector.ts';
import { longName, nameChecksum, shortName } from './names.ts';

/** An entry with a name, files and directories alike. */
export interface DirectoryEntry {
  /** The long name, or the 8.3 name where there is none. */
  readonly name: string;
  /** The 8.3 name, under which Linux finds the file too. */
  readonly alias: string;
  readonly isDirectory: boolean;
  readonly isReadOnly: boolean;
  readonly firstCluster: number;
  /** Bytes; always 0 for a directory. */
  readonly size: number;
  /** Seconds since 1970-01-01, the local time that is stored taken for UTC. */
  readonly mtime: number;
}

const ENTRY = 32;
const DELETED = 0xe5;
const attribute = { readOnly: 0x01, volume: 0x08, directory: 0x10, longName: 0x0f } as const;
const attributeMask = 0x3f;
/** Set in the sequence number of a long name's last part, which stands first. */
const LAST_PART = 0x40;
/** 13 characters each, 255 in all. */
const MOST_PARTS = 20;
const characterPlaces = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/**
 * Decodes a directory by the rules of `__fat_readdir` and `fat_parse_long` (Linux, fs/fat/dir.c): parts of a long name
 * that do not belong together or to the 8.3 entry behind them are ignored, and a free entry does not end the directory.
 */
export function parseDirectory(bytes: Uint8Array, boot: BootSector): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  const parts = longNameParts();
  for (let offset = 0; offset + ENTRY <= bytes.length; offset += ENTRY) {
    const slot = bytes.subarray(offset, offset + ENTRY);
    const attributes = slot[11] ?? 0;
    if (attributes === attribute.longName && slot[0] !== DELETED) {
      parts.add(slot);
      continue;
    }
    const name = parts.take(slot);
    if (slot[0] === 0 || slot[0] === DELETED || (attributes & attribute.volume) !== 0) continue;
    const alias = shortName(slot.subarray(0, 11), slot[12] ?? 0);
    if (alias === '' || alias === '.' || alias === '..') continue;
    entries.push(entryOf(slot, name || alias, alias, boot));
  }
  return entries;
}

function entryOf(slot: Uint8Array, name: string, alias: string, { width }: BootSector): DirectoryEntry {
  const view = viewOf(slot);
  const attributes = view.getUint8(11);
  const isDirectory = (attributes & attribute.directory) !== 0;
  // Before FAT32 the upper half held something else.
  const high = width === 32 ? view.getUint16(20, true) : 0;
  return {
    name,
    alias,
    isDirectory,
    isReadOnly: (attributes & attribute.readOnly) !== 0,
    firstCluster: high * 0x10000 + view.getUint16(26, true),
    size: isDirectory ? 0 : view.getUint32(28, true),
    mtime: timeOf(view.getUint16(24, true), view.getUint16(22, true)),
  };
}

/** Collects the parts of a long name, which stand in reverse order in front of the 8.3 entry. */
function longNameParts() {
  let units: number[] = [];
  /** Number of the part that must come next; 0 when the 8.3 entry must. */
  let expected = -1;
  let checksum = 0;
  return {
    add(slot: Uint8Array): void {
      const sequence = slot[0] ?? 0;
      const part = sequence & ~LAST_PART;
      if ((part !== expected || slot[13] !== checksum || expected <= 0) && !begins(sequence)) {
        expected = -1;
        return;
      }
      if (part !== expected || slot[13] !== checksum) units = [];
      const view = viewOf(slot);
      const characters = characterPlaces.map((at) => view.getUint16(at, true));
      units = [...characters, ...units];
      checksum = slot[13] ?? 0;
      expected = part - 1;
    },
    /** The name that belongs to this entry, empty without one; what was collected is dropped either way. */
    take(slot: Uint8Array): string {
      const isWhole = expected === 0 && nameChecksum(slot) === checksum;
      const name = isWhole ? longName(units) : '';
      units = [];
      expected = -1;
      return name;
    },
  };
}

function begins(sequence: number): boolean {
  const parts = sequence & ~LAST_PART;
  return (sequence & LAST_PART) !== 0 && parts > 0 && parts <= MOST_PARTS;
}

/** A date in days, months and years since 1980, a time in units of two seconds. */
function timeOf(date: number, time: number): number {
  const day = Math.max(1, date & 0x1f);
  const month = Math.max(1, (date >> 5) & 0x0f);
  return Date.UTC(1980 + (date >> 9), month - 1, day, time >> 11, (time >> 5) & 0x3f, (time & 0x1f) * 2) / 1000;
}

/**
 * The label that an entry of the root directory holds, as libblkid looks for it: the first entry that is a label and
 * nothing else, before the first unused one.
 */
export function volumeLabel(root: Uint8Array): Uint8Array | undefined {
  for (let offset = 0; offset + ENTRY <= root.length; offset += ENTRY) {
    const slot = root.subarray(offset, offset + ENTRY);
    if (slot[0] === 0) return undefined;
    const attributes = (slot[11] ?? 0) & attributeMask;
    const hasClusters = viewOf(slot).getUint16(20, true) !== 0 || viewOf(slot).getUint16(26, true) !== 0;
    if (slot[0] === DELETED || hasClusters || attributes === attribute.longName) continue;
    if ((attributes & (attribute.volume | attribute.directory)) === attribute.volume) return slot.subarray(0, 11);
  }
  return undefined;
}
