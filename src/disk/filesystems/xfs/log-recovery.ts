import type { BlockDevice } from '../../block-device.ts';
import { attemptDisk, DiskError } from '../../disk-error.ts';
import type { FileSystemState } from '../../file-system.ts';
import { diskLimits } from '../../limits.ts';
import { checkpointsOf } from './log-checkpoints.ts';
import { findHead, type Log, type LogHead, openLog, recordBefore, roughHead } from './log-head.ts';
import { blockOfSequence, type RecordHeader } from './log-record.ts';
import { type Replay, replayCheckpoints } from './log-replay.ts';
import { BASIC_BLOCK, isSameUuid } from './metadata-block.ts';
import { readSuperblock, type Superblock } from './superblock.ts';

/** XLOG_UNMOUNT_TRANS, in the flags of an operation. */
const UNMOUNT = 0x20;
const FLAGS_AT = 9;
/** XFS_SB_FEAT_INCOMPAT_LOG_XATTRS, the only bit of sb_features_log_incompat that is known; attributes are not read. */
const KNOWN_LOG_FEATURES = 1;

export interface Recovery {
  /** The volume as it is after the replay. */
  readonly device: BlockDevice;
  readonly superblock: Superblock;
  readonly state: FileSystemState;
}

/**
 * What the next mount would make of the volume: its log replayed, in memory only. Without the record of an unmount at
 * its end the log holds changes that are not in their places yet.
 *
 * @throws {DiskError} when there is no log to be found, or it is another file system's: the kernel mounts neither
 */
export function recoverLog(device: BlockDevice, superblock: Superblock): Recovery {
  const unchanged = (state: FileSystemState): Recovery => ({ device, superblock, state });
  if (superblock.logStart === 0)
    return unchanged(dirty('its log lies on another device, so whether it was unmounted is unknown'));
  const log = openLog(device, superblock);
  const rough = roughHead(log);
  if (rough === undefined) return unchanged({ kind: 'clean' });
  // After an unmount nothing else is under way, so the rough head is the true one and its surroundings need no reading.
  const near = rough.head % log.size;
  const last = recordBefore(log, near);
  const found = last && isUnmount(log, last, near) ? { head: near, last } : findHead(log, rough);
  checkOwner(found.last, superblock);
  if (isUnmount(log, found.last, found.head)) return unchanged({ kind: 'clean' });
  return replay(device, superblock, log, found) ?? unchanged({ kind: 'clean' });
}

/** xlog_check_unmount_rec of fs/xfs/xfs_log_recover.c. */
function isUnmount(log: Log, record: RecordHeader, head: number): boolean {
  const body = (record.at + record.headerBlocks) % log.size;
  if ((body + record.bodyBlocks) % log.size !== head || record.operations !== 1) return false;
  return ((log.read(body, 1)[FLAGS_AT] ?? 0) & UNMOUNT) !== 0;
}

/** xlog_header_check_mount of the same. */
function checkOwner(record: RecordHeader, { uuidBytes }: Superblock): void {
  if (record.uuid.some((byte) => byte !== 0) && !isSameUuid(record.uuid, uuidBytes))
    throw new DiskError('corrupt', 'XFS log', 'belongs to another file system; the kernel refuses to mount it');
}

/** Undefined when there is nothing to replay. */
function replay(device: BlockDevice, superblock: Superblock, log: Log, found: LogHead): Recovery | undefined {
  const tail = blockOfSequence(found.last.tailSequence);
  if (tail === found.head) return undefined;
  const result = attemptDisk((): Recovery => {
    // Nothing in version 4 tells whether a block is newer than the log.
    if (!superblock.features.isV5) throw new DiskError('unsupported', 'XFS log', 'is of version 4');
    const bytes = ((found.head - tail + log.size) % log.size) * BASIC_BLOCK;
    if (tail >= log.size) throw new DiskError('corrupt', 'XFS log', `names the sector ${tail} as its tail`);
    if (bytes > diskLimits.xfsLogBytes)
      throw new DiskError('limit', 'XFS log', `has ${bytes} bytes to replay (limit xfsLogBytes)`);
    if ((superblock.logIncompat & ~KNOWN_LOG_FEATURES) !== 0)
      throw new DiskError('unsupported', 'XFS log', 'has features that are not known here');
    const replayed = replayCheckpoints(device, superblock, () => checkpointsOf(log, superblock, tail, found.head));
    // The log may hold a newer superblock.
    const newer = readSuperblock(replayed.device);
    return { device: replayed.device, superblock: newer, state: { kind: 'replayed', detail: detailOf(replayed) } };
  });
  if (!(result instanceof DiskError)) return result;
  const state = dirty(`it was not unmounted, and its log cannot be replayed here: ${result.message}`);
  return { device, superblock, state };
}

function detailOf({ checkpoints, items, isOnlySuperblock }: Replay): string {
  if (isOnlySuperblock) return 'only the superblock; the file system was probably frozen, or idle';
  return `${items} items of ${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'}`;
}

function dirty(reason: string): FileSystemState {
  return {
    kind: 'dirty',
    reason,
    advice:
      'mount the file system once, unmount it, and take the image again; where it cannot be mounted any more, xfs_repair -L drops the log with all that only it holds',
  };
}
