import type { BlockDevice } from '../block-device.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import type { VhdxHeader } from './vhdx-header.ts';
import { isLogEntryOf, LOG_SECTOR, type LogEntry, parseLogEntry } from './vhdx-log-entry.ts';
import { type Overlay, overlayDevice } from './vhdx-overlay.ts';

/** A sector is read once, and again in a sequence that wraps around the end of the ring; a hostile log asks for more. */
const MOST_PASSES = 4;
const ADVICE =
  'shut the virtual machine down and copy the file again, or have the log replayed: qemu-img check -r all FILE';

const MIB = 1024 * 1024;

/**
 * The file as it will be once its log is replayed ([MS-VHDX] 2.3.3); nothing is written.
 *
 * @throws {DiskError} when the log holds no sequence of entries that can be replayed
 */
export function replayLog(file: BlockDevice, header: VhdxHeader, guid: Uint8Array): BlockDevice {
  const { logOffset, logLength } = header;
  const fail = (reason: string) => new DiskError('corrupt', 'VHDX log', reason, logOffset, ADVICE);
  if (logOffset < MIB || logLength === 0 || logOffset % MIB !== 0 || logLength % MIB !== 0)
    throw fail(`has ${logLength} bytes from byte ${logOffset} on, expected whole MiB`);
  if (logOffset + logLength > file.size) throw fail(`has ${logLength} bytes, beyond the end of the file`);
  if (logLength > diskLimits.vhdxLogBytes)
    throw new DiskError('limit', 'VHDX log', `has ${logLength} bytes (limit vhdxLogBytes)`, logOffset, ADVICE);
  const entries = activeSequence(file.read(logOffset, logLength), guid);
  if (entries.length === 0) throw fail('was left to replay and holds no sequence of whole entries');
  let size = file.size;
  const overlay: Overlay = { sectors: new Map(), zeros: [] };
  let order = 0;
  for (const { flushedSize, lastSize, writes } of entries) {
    if (flushedSize > file.size)
      throw fail(`was written for a file of at least ${flushedSize} bytes, but there are ${file.size}: it was cut`);
    size = Math.max(size, lastSize);
    for (const write of writes) {
      order += 1;
      if (write.kind === 'data') overlay.sectors.set(write.offset / LOG_SECTOR, { order, bytes: write.bytes });
      else overlay.zeros.push({ order, start: write.offset, end: write.offset + write.length });
      if (overlay.zeros.length > diskLimits.vhdxLogZeroRanges)
        throw new DiskError('limit', 'VHDX log', 'zeroes too many ranges (limit vhdxLogZeroRanges)', logOffset, ADVICE);
    }
  }
  return overlayDevice(file, size, overlay);
}

/** Of all sequences in the ring the one whose head, its last entry, has the highest number, from its tail on. */
function activeSequence(log: Uint8Array, guid: Uint8Array): readonly LogEntry[] {
  let budget = log.length * MOST_PASSES;
  const entryAt = (at: number): LogEntry | undefined => {
    const length = isLogEntryOf(log, at, guid);
    if (length === undefined) return undefined;
    budget -= length;
    if (budget < 0)
      throw new DiskError('corrupt', 'VHDX log', 'holds entries that lie over each other', undefined, ADVICE);
    return parseLogEntry(log, at, length);
  };
  let best: readonly LogEntry[] = [];
  for (let tail = 0; tail < log.length; ) {
    const sequence = sequenceFrom(tail, log.length, entryAt);
    const head = sequence.at(-1);
    if (!head) {
      tail += LOG_SECTOR;
      continue;
    }
    const start = sequence.findIndex(({ at }) => at === head.tail);
    const bestHead = best.at(-1);
    if (start >= 0 && (!bestHead || head.sequence > bestHead.sequence)) best = sequence.slice(start);
    // Parts of a sequence end in its head, too, so they are no better. One that goes on at the start is the last.
    const end = head.at + head.length;
    tail = end <= tail ? log.length : end;
  }
  return best;
}

function sequenceFrom(tail: number, logLength: number, entryAt: (at: number) => LogEntry | undefined): LogEntry[] {
  const sequence: LogEntry[] = [];
  let filled = 0;
  for (let at = tail; filled < logLength; at %= logLength) {
    const entry = entryAt(at);
    const previous = sequence.at(-1);
    if (!entry || (previous && entry.sequence !== previous.sequence + 1n)) break;
    filled += entry.length;
    if (filled > logLength) break;
    sequence.push(entry);
    at += entry.length;
  }
  return sequence;
}
