import type { Host } from '../../engine/host.ts';
import { type CpioArchives, type CpioMember, type CpioRequest, readCpio } from '../../formats/cpio.ts';
import { type InitramfsSegment, identifyInitramfsSegment, squashedRoot } from '../../formats/initramfs.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';
import { limits } from '../../image/limits.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { InitramfsPart } from '../boot-kernels.ts';
import { compressedArchive } from './compressed.ts';

/** Bytes fetched at a time. */
const PIECE = 256 * 1024;
/** Bytes read ahead where only headers are wanted. */
const AHEAD = 4096;

type Archive = Generator<CpioRequest, CpioArchives, Uint8Array>;

/** All members of an initramfs: its segments in a row, plain and compressed, as the kernel unpacks them. */
export async function openInitramfs(rootFs: RootFs, host: Host, part: InitramfsPart): Promise<CpioMember[]> {
  const { path } = part;
  const members: CpioMember[] = [];
  const archive = (): Archive => readCpio(cpioLimits(members.length), isKept);
  const add = ({ members: found, problem }: CpioArchives) => {
    if (problem !== undefined) throw new CouldNotRead(path, `cannot be unpacked: ${problem}`);
    for (const member of found) members.push(member);
  };
  let budget: number = limits.bytesPerInitramfs;
  let at = 0;
  while (at < part.size) {
    const start = fetch(rootFs, part, at, AHEAD);
    const zeros = start.findIndex((byte) => byte !== 0);
    if (zeros !== 0) {
      at += zeros < 0 ? Math.max(1, start.length) : zeros;
      continue;
    }
    const segment = identifyInitramfsSegment(start);
    if (segment === 'cpio') {
      const plain = readPlain(rootFs, part, at, archive());
      add(plain);
      at += plain.length;
      continue;
    }
    if (!isDecodable(segment)) throw new CouldNotRead(path, refusal(segment, at));
    const { archives, taken, expanded } = await compressedArchive(host, segment, pieces(rootFs, part, at), archive(), {
      budget,
      fail: (reason) => new CouldNotRead(path, reason),
    });
    add(archives);
    at += Math.max(1, taken);
    budget -= expanded;
  }
  const squashed = squashedRoot(members);
  if (squashed) throw new CouldNotRead(path, `hides its files in ${squashed.path}, a file system of its own`);
  return members;
}

function cpioLimits(already: number) {
  return {
    members: limits.membersPerInitramfs - already,
    nameLength: limits.pathLength,
    contentLength: limits.keptPerInitramfs,
  };
}

/** modprobe.d and modules.dep decide what loads; all else is known by its name. */
function isKept(path: string): boolean {
  return /(?:^|\/)modprobe\.d\/[^/]+\.conf$|(?:^|\/)lib\/modules\/[^/]+\/modules\.dep$/.test(path);
}

function isDecodable(segment: InitramfsSegment | undefined): segment is 'gzip' | 'bzip2' | 'xz' | 'lz4' | 'zstd' {
  return segment !== undefined && !['cpio', 'lzma', 'lzop', 'old-cpio'].includes(segment);
}

function refusal(segment: InitramfsSegment | undefined, at: number): string {
  if (segment === undefined) return `is no initramfs that a kernel unpacks: unknown data at byte ${at}`;
  return `is compressed with ${segment}, which this version does not unpack`;
}

function readPlain(rootFs: RootFs, part: InitramfsPart, from: number, archive: Archive): CpioArchives {
  let at = from;
  let held: Uint8Array = new Uint8Array();
  let heldAt = from;
  let step = archive.next(held);
  while (!step.done) {
    at += step.value.skip;
    const { peek } = step.value;
    const wanted = Math.min(peek, part.size - at);
    if (at < heldAt || at + wanted > heldAt + held.length) {
      held = fetch(rootFs, part, at, Math.max(peek, AHEAD));
      heldAt = at;
    }
    step = archive.next(held.subarray(at - heldAt, at - heldAt + peek));
  }
  return step.value;
}

function* pieces(rootFs: RootFs, part: InitramfsPart, from: number): Generator<Uint8Array> {
  for (let at = from; at < part.size; at += PIECE) yield fetch(rootFs, part, at, PIECE);
}

function fetch(rootFs: RootFs, part: InitramfsPart, at: number, length: number): Uint8Array {
  const wanted = Math.max(0, Math.min(length, part.size - at));
  return rootFs.readBytes(part.path, part.offset + at, wanted) ?? new Uint8Array();
}
