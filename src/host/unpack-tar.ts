import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockDevice } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import type { Compression } from '../engine/host.ts';
import { limits } from '../image/limits.ts';
import { isTarHeader, TAR_BLOCK } from '../image/tar-header.ts';
import { decompress } from './decompress.ts';
import { FileDevice } from './file-device.ts';
import { systemErrorCode } from './system-error.ts';

/** Bytes of the compressed file that are read at once. */
const PORTION = 1024 * 1024;

/**
 * Unpacks a compressed tar archive to a file in the folder for temporary files. The file loses its name as soon as it
 * is open, so that nothing stays behind however the program ends.
 *
 * @returns Undefined when what comes out is no tar, which its first block tells.
 * @throws {DiskError} when the data is damaged, when there is no room for it, or when it is more than the limit
 */
export async function unpackTar(
  file: BlockDevice,
  compression: Compression,
  { limit = limits.bytesPerUnpackedTar, folder = tmpdir() }: { readonly limit?: number; readonly folder?: string } = {},
): Promise<FileDevice | undefined> {
  let head: Uint8Array = new Uint8Array();
  let descriptor: number | undefined;
  let size = 0;
  let failure: DiskError | undefined;

  const store = (piece: Uint8Array): boolean => {
    if (descriptor === undefined) {
      head = joined(head, piece);
      if (head.length < TAR_BLOCK) return true;
      if (!isTarHeader(head)) return false;
      descriptor = namelessFile(folder);
      return store(head);
    }
    size += piece.length;
    if (size > limit) throw tooLarge(limit);
    writeWhole(descriptor, piece);
    return true;
  };
  // A decoder may call this from an event, where an error would be nobody's.
  const take = (piece: Uint8Array): boolean => {
    try {
      return store(piece);
    } catch (error) {
      failure = error instanceof DiskError ? error : unwritable(folder, error);
      return false;
    }
  };

  try {
    await decompress(compression, portionsOf(file), take);
  } catch (error) {
    if (descriptor !== undefined) failure ??= error instanceof DiskError ? error : damaged(compression, error);
  }
  if (failure) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw failure;
  }
  return descriptor === undefined ? undefined : new FileDevice(descriptor);
}

function* portionsOf(file: BlockDevice): Generator<Uint8Array> {
  for (let offset = 0; offset < file.size; offset += PORTION)
    yield file.read(offset, Math.min(PORTION, file.size - offset));
}

/** For this user only, and not through a name that somebody else has prepared. */
function namelessFile(folder: string): number {
  const path = join(folder, `vhd-preflight-${randomUUID()}.tar`);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  unlinkSync(path);
  return descriptor;
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function unwritable(folder: string, error: unknown): DiskError {
  const code = systemErrorCode(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new DiskError(
    'io',
    'compressed tar archive',
    `cannot be unpacked to ${folder}: ${isFull ? 'there is no room left' : code}`,
    undefined,
    'set TMPDIR to a folder with room for the unpacked archive, or unpack it and scan the tar or the directory',
  );
}

function tooLarge(limit: number): DiskError {
  return new DiskError(
    'limit',
    'compressed tar archive',
    `unpacks to more than ${limit} bytes (limit bytesPerUnpackedTar)`,
    undefined,
    'unpack it and scan the directory',
  );
}

function damaged(compression: Compression, error: unknown): DiskError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DiskError('corrupt', `${compression} data`, `cannot be unpacked: ${reason}`);
}
