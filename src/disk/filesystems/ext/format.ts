import type { BlockDevice } from '../../block-device.ts';
import type { FileSystem, FileSystemFormat } from '../../file-system.ts';
import { compat, featureNames, has, incompat, roCompat, typeOf } from './features.ts';
import { extFileTree } from './file-tree.ts';
import { journalComplaints, replayJournal } from './journal.ts';
import { hasSuperblock, readSuperblock, type Superblock } from './superblock.ts';

/** Bits of s_state: EXT4_VALID_FS and EXT4_ERROR_FS of fs/ext4/ext4.h. */
const STATE_CLEAN = 1;
const STATE_ERRORS = 2;

/** ext2, ext3 and ext4, by the structures of the kernel's fs/ext4/ext4.h. */
export const ext: FileSystemFormat = { name: 'ext', recognises: hasSuperblock, open };

function open(device: BlockDevice): FileSystem {
  const found = readSuperblock(device);
  const recovery = has(found.features, incompat.needsRecovery)
    ? replayJournal(device, found)
    : { device, state: { kind: 'clean' as const } };
  // The journal may hold a newer superblock.
  const superblock = recovery.state.kind === 'replayed' ? readSuperblock(recovery.device) : found;
  return {
    type: typeOf(superblock.features),
    uuid: superblock.uuid,
    label: superblock.label,
    size: superblock.blocks * superblock.blockSize,
    blockSize: superblock.blockSize,
    features: featureNames(superblock.features),
    state: recovery.state,
    complaints: [...complaintsOf(superblock), ...journalComplaints(device, superblock)],
    tree: extFileTree(recovery.device, superblock),
  };
}

function complaintsOf({ state, errorCount, firstOrphan, features }: Superblock): string[] {
  const complaints: string[] = [];
  if ((state & STATE_ERRORS) !== 0 || errorCount > 0)
    complaints.push(`the kernel has recorded ${errorCount > 0 ? `${errorCount} errors` : 'errors'} in it`);
  if ((state & STATE_CLEAN) === 0)
    complaints.push(
      has(features, compat.hasJournal)
        ? 'it is not marked as clean, so e2fsck would check it'
        : 'it was not unmounted, and has no journal that would make it consistent',
    );
  if (firstOrphan !== 0 || has(features, roCompat.orphanPresent))
    complaints.push('deleted files are still in it, which the next mount removes');
  return complaints;
}
