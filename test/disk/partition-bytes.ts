import { crc32 } from '../../src/disk/checksums.ts';

/** A record of an MBR, in sectors. */
export interface Record {
  readonly status?: number;
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
}

/** A boot sector with up to four records and the disk signature 0x1a2b3c4d. */
export function bootSector(...records: readonly Record[]): Buffer {
  const sector = Buffer.alloc(512);
  sector.writeUInt32LE(0x1a2b3c4d, 440);
  for (const [index, { status = 0, type, start, sectors }] of records.entries()) {
    const at = 446 + index * 16;
    sector[at] = status;
    sector[at + 4] = type;
    sector.writeUInt32LE(start, at + 8);
    sector.writeUInt32LE(sectors, at + 12);
  }
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** An entry of a GPT, in sectors; `last` is part of it. */
export interface Entry {
  readonly first: bigint;
  readonly last: bigint;
  readonly name?: string;
}

export interface GptOptions {
  readonly sectorSize?: number;
  readonly entryBytes?: number;
  readonly count?: number;
  /** Changes the header before its checksum is taken. */
  readonly header?: (header: Buffer) => void;
}

const LINUX = Buffer.from('af3dc60f838472478e793d69d8477de4', 'hex');

/** A disk with a protective MBR and both copies of a GPT; entries follow the primary header. */
export function gptDisk(sectors: number, entries: readonly Entry[], options: GptOptions = {}): Buffer {
  const { sectorSize = 512, entryBytes = 128, count = 128, header: change } = options;
  const disk = Buffer.alloc(sectors * sectorSize);
  bootSector({ type: 0xee, start: 1, sectors: sectors - 1 }).copy(disk);
  const table = Buffer.alloc(count * entryBytes);
  for (const [index, { first, last, name = '' }] of entries.entries()) {
    const at = index * entryBytes;
    LINUX.copy(table, at);
    table.fill(index + 1, at + 16, at + 32);
    table.writeBigUInt64LE(first, at + 32);
    table.writeBigUInt64LE(last, at + 40);
    table.write(name, at + 56, 72, 'utf16le');
  }
  const tableSectors = Math.ceil(table.length / sectorSize);
  const write = (own: number, other: number, tableAt: number): void => {
    const header = Buffer.alloc(sectorSize);
    header.write('EFI PART', 0, 'latin1');
    header.writeUInt32LE(0x10000, 8);
    header.writeUInt32LE(92, 12);
    header.writeBigUInt64LE(BigInt(own), 24);
    header.writeBigUInt64LE(BigInt(other), 32);
    header.writeBigUInt64LE(BigInt(2 + tableSectors), 40);
    header.writeBigUInt64LE(BigInt(sectors - 2 - tableSectors), 48);
    header.fill(0x77, 56, 72);
    header.writeBigUInt64LE(BigInt(tableAt), 72);
    header.writeUInt32LE(count, 80);
    header.writeUInt32LE(entryBytes, 84);
    header.writeUInt32LE(crc32(table), 88);
    change?.(header);
    sealGpt(header);
    header.copy(disk, own * sectorSize);
    table.copy(disk, tableAt * sectorSize);
  };
  write(1, sectors - 1, 2);
  write(sectors - 1, 1, sectors - 1 - tableSectors);
  return disk;
}

/** Stores the checksum of a header in it. */
export function sealGpt(header: Buffer): void {
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header.subarray(0, Math.min(header.readUInt32LE(12), header.length))), 16);
}
