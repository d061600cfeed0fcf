import type { BlockDevice } from '../../block-device.ts';
import type { FileSystem, FileSystemFormat } from '../../file-system.ts';
import { xfsFileTree } from './file-tree.ts';
import { recoverLog } from './log-recovery.ts';
import { hasSuperblock, readSuperblock, type Superblock } from './superblock.ts';

/** XFS of versions 4 and 5, by the structures of the kernel's fs/xfs/libxfs. */
export const xfs: FileSystemFormat = { name: 'xfs', recognises: hasSuperblock, open };

function open(device: BlockDevice): FileSystem {
  const recovery = recoverLog(device, readSuperblock(device));
  const { superblock } = recovery;
  return {
    type: 'xfs',
    uuid: superblock.uuid,
    label: superblock.label,
    size: superblock.blocks * superblock.blockSize,
    blockSize: superblock.blockSize,
    features: superblock.features.names,
    state: recovery.state,
    complaints: complaintsOf(superblock),
    tree: xfsFileTree(recovery.device, superblock),
  };
}

function complaintsOf({ isReadOnly }: Superblock): string[] {
  return isReadOnly ? ['it is marked read-only, so the kernel refuses to mount it for writing'] : [];
}
