import { viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { JournalSuperblock } from './journal-superblock.ts';

/** Types of journal_header_t (include/linux/jbd2.h). */
export const blockType = { descriptor: 1, commit: 2, revoke: 5 } as const;

const HEADER_SIZE = 12;
const REVOKE_HEADER_SIZE = 16;
/** The checksum that ends a descriptor or a revoke block. */
const TAIL_SIZE = 4;
const UUID_SIZE = 16;

const TAG_ESCAPED = 1;
const TAG_SAME_UUID = 2;
const TAG_LAST = 8;

/** What a descriptor says about one of the blocks that follow it. */
export interface Tag {
  /** Where it belongs in the file system. */
  readonly block: number;
  /** Its first four bytes were taken out, as they looked like the journal's own magic. */
  readonly isEscaped: boolean;
  /** All of the CRC-32C, or its low half with `v2`. */
  readonly checksum: number;
}

/** jbd2_journal_has_csum_v2or3 of include/linux/jbd2.h: each block carries a checksum. */
export function hasBlockChecksums({ checksum }: JournalSuperblock): boolean {
  return checksum === 'v2' || checksum === 'v3';
}

/** journal_tag_bytes of fs/jbd2/journal.c. */
function tagSize({ checksum, is64Bit }: JournalSuperblock): number {
  if (checksum === 'v3') return 16;
  return 8 + (is64Bit ? 4 : 0) + (checksum === 'v2' ? 2 : 0);
}

export function tagsOf(journal: JournalSuperblock, bytes: Uint8Array): Tag[] {
  const view = viewOf(bytes);
  const size = tagSize(journal);
  const end = bytes.length - (hasBlockChecksums(journal) ? TAIL_SIZE : 0);
  const tags: Tag[] = [];
  for (let at = HEADER_SIZE; at + size <= end; ) {
    const flags = view.getUint16(at + 6);
    const high = journal.is64Bit ? view.getUint32(at + 8) : 0;
    tags.push({
      block: view.getUint32(at) + high * 2 ** 32,
      isEscaped: (flags & TAG_ESCAPED) !== 0,
      checksum: journal.checksum === 'v3' ? view.getUint32(at + 12) : view.getUint16(at + 4),
    });
    if ((flags & TAG_LAST) !== 0) break;
    at += size + ((flags & TAG_SAME_UUID) === 0 ? UUID_SIZE : 0);
  }
  return tags;
}

/**
 * Blocks of the file system whose older copies must not be replayed.
 *
 * @throws {DiskError} when it counts more bytes than it has
 */
export function revocationsOf(journal: JournalSuperblock, bytes: Uint8Array): number[] {
  const view = viewOf(bytes);
  const size = journal.is64Bit ? 8 : 4;
  const end = view.getUint32(HEADER_SIZE);
  if (end > bytes.length - (hasBlockChecksums(journal) ? TAIL_SIZE : 0))
    throw new DiskError('corrupt', 'ext journal', `has a revoke block of ${end} bytes`);
  const blocks: number[] = [];
  for (let at = REVOKE_HEADER_SIZE; at + size <= end; at += size)
    blocks.push(journal.is64Bit ? view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) : view.getUint32(at));
  return blocks;
}
