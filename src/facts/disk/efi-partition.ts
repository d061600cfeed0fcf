import type { FileSystem } from '../../disk/file-system.ts';
import type { FactContext } from '../../engine/define.ts';
import { defineFact } from '../../engine/define.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { TreeRootFs } from '../../image/tree-root-fs.ts';
import { type DiskVolume, diskLayout } from './disk-layout.ts';
import { DISK, onDisk } from './places.ts';

/** The EFI system partition of the disk. */
export interface EfiPartition {
  readonly volume: DiskVolume;
  /** Type by the GPT or by an MBR. */
  readonly scheme: 'gpt' | 'mbr';
  /** Why firmware cannot read it, completing "partition 15 …"; undefined for a FAT file system. */
  readonly complaint?: string;
  /** Whether it has a directory EFI. */
  readonly hasLoaderTree: boolean;
  /** Bytes of the sectors that its boot sector is made for; undefined when it is not FAT. */
  readonly sectorSize?: number;
}

const types: ReadonlySet<string> = new Set(['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef']);
const BYTES_PER_SECTOR_AT = 11;

/** The EFI system partition by its type; undefined when the disk has none, or the target is no disk. */
export const efiPartition = defineFact<EfiPartition | undefined>({
  id: 'efi-partition',
  description: 'The partition of the type that UEFI firmware starts from, and whether firmware finds a directory EFI.',
  reads: [DISK],
  async compute(context) {
    const layout = await context.get(diskLayout);
    const candidates = layout?.volumes.filter(({ partition }) => partition && types.has(partition.type)) ?? [];
    const described = candidates.map((volume) => describe(context, volume));
    return described.find(({ hasLoaderTree }) => hasLoaderTree) ?? described[0];
  },
});

function describe(context: FactContext, volume: DiskVolume): EfiPartition {
  const scheme = volume.partition?.type === '0xef' ? ('mbr' as const) : ('gpt' as const);
  const { content } = volume;
  const found = { volume, scheme, hasLoaderTree: false };
  if (content.kind === 'unreadable') return { ...found, complaint: `cannot be read: ${content.problem.message}` };
  if (content.kind !== 'file-system') return { ...found, complaint: 'holds no FAT file system' };
  const { fileSystem } = content;
  if (fileSystem.type !== 'vfat')
    return { ...found, complaint: `holds ${fileSystem.type}, which firmware does not read` };
  const device = context.disk?.volumes.find(({ id }) => id === volume.id)?.device;
  const head = device && attempt(() => onDisk(volume.place, () => device.read(BYTES_PER_SECTOR_AT, 2)));
  const sectorSize = head && !isCouldNotRead(head) ? (head[0] ?? 0) + (head[1] ?? 0) * 256 : undefined;
  const { rootFs } = filesOf(volume, fileSystem);
  const names = rootFs.readDir('/') ?? [];
  return {
    ...found,
    hasLoaderTree: names.some(({ name, type }) => type === 'directory' && name.toLowerCase() === 'efi'),
    ...(sectorSize !== undefined && { sectorSize }),
  };
}

/** A directory tree that may be an EFI system partition, and how its paths are shown. */
export interface EfiFiles {
  readonly rootFs: RootFs;
  /** Directory of the partition in `rootFs`; empty for the top. */
  readonly top: string;
  /** What stands for `top` in paths that people read. */
  readonly shownTop: string;
}

/** The partition's files: through the root when it is mounted there, else by themselves. */
export function efiFiles({ rootFs, disk }: FactContext, { volume }: EfiPartition): EfiFiles | undefined {
  const mount = disk?.plan.mounts.find((candidate) => candidate.volume === volume.id);
  if (mount) return { rootFs, top: mount.path, shownTop: mount.path };
  if (volume.content.kind !== 'file-system') return undefined;
  return filesOf(volume, volume.content.fileSystem);
}

function filesOf({ place }: DiskVolume, { tree }: FileSystem): EfiFiles {
  return { rootFs: new TreeRootFs(tree), top: '', shownTop: place };
}
