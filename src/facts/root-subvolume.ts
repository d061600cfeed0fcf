import { attemptDisk } from '../disk/disk-error.ts';
import type { Volume } from '../disk/volume.ts';
import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { splitMountOptions } from '../formats/fstab.ts';
import { subvolumeChoice } from '../image/compose-mounts.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { notALinuxRoot } from '../image/linux-root.ts';
import type { ScannedDisk } from '../image/mount-plan.ts';
import { type MountableTree, mountable } from '../image/mountable.ts';
import { TreeRootFs } from '../image/tree-root-fs.ts';
import { namedVolume } from '../image/volume-names.ts';
import { type BootEntry, kernelCommandLine } from './kernel-command-line.ts';
import { mountPlan } from './mount-plan.ts';
import { tryGet } from './try-get.ts';

/** Which subvolume a boot entry, or fstab, makes the root. */
export interface ChosenSubvolume {
  /** `subvol=@`, `subvolid=256`; undefined where nothing is chosen, so that the default subvolume counts. */
  readonly option?: string;
  /** Path from the top of the file system, empty for the top itself; undefined when there is no such subvolume. */
  readonly path?: string;
  /** Why no system can start from it; completes "p2 …". */
  readonly obstacle?: string;
  readonly evidence: Evidence;
}

/** The root of an image whose root file system is a btrfs. */
export interface RootSubvolume {
  /** Id of the volume. */
  readonly volume: string;
  /** Of each boot entry that may boot by default and names this volume in root=. */
  readonly byBootEntries: readonly ChosenSubvolume[];
  /** Undefined when fstab has no entry for / or names another volume. */
  readonly byTable?: ChosenSubvolume;
  readonly unread: readonly CouldNotRead[];
}

/**
 * The initramfs mounts what `rootflags=` chooses, else the default subvolume; fstab comes too late to change it.
 * Undefined when the target is no disk, or its root no btrfs.
 */
export const rootSubvolume = defineFact<RootSubvolume | undefined>({
  id: 'root-subvolume',
  description: 'The btrfs subvolume that rootflags= of the default boot entries and fstab make the root.',
  reads: ['/dev/disk', '/etc/fstab', ...kernelCommandLine.reads],
  async compute(context) {
    const { disk } = context;
    const volume = disk?.volumes.find(({ id }) => id === disk.plan.mounts[0]?.volume);
    if (!disk || !volume || !hasSubvolumes(volume)) return undefined;
    const commandLine = await tryGet(context, kernelCommandLine);
    const { mounts } = await context.get(mountPlan);
    const own = mounts.find(({ mountPoint }) => mountPoint === '/');
    const isHere = own && leadsTo(disk, own.device, volume);
    return {
      volume: volume.id,
      byBootEntries: isCouldNotRead(commandLine)
        ? []
        : commandLine.defaults.flatMap((entry) => chosenByEntry(disk, volume, entry)),
      ...(isHere && { byTable: chosen(volume, own.options, own.evidence) }),
      unread: isCouldNotRead(commandLine) ? [commandLine] : [],
    };
  },
});

function hasSubvolumes({ content }: Volume): boolean {
  return content.kind === 'file-system' && content.fileSystem.subvolumes !== undefined;
}

function leadsTo(disk: ScannedDisk, device: string, volume: Volume): boolean {
  const named = namedVolume(disk, device);
  return named.kind === 'volume' && named.volume === volume;
}

function chosenByEntry(disk: ScannedDisk, volume: Volume, { parameters, evidence }: BootEntry): ChosenSubvolume[] {
  const value = (wanted: string) => parameters.findLast(({ name }) => name === wanted)?.value;
  const root = value('root');
  if (root === undefined || !leadsTo(disk, root, volume)) return [];
  return [chosen(volume, splitMountOptions(value('rootflags') ?? ''), evidence)];
}

function chosen(volume: Volume, options: readonly string[], evidence: Evidence): ChosenSubvolume {
  const choice = subvolumeChoice(options);
  const option = options.findLast((each) => /^subvol(?:id)?=/.test(each));
  const common = { ...(option !== undefined && { option }), evidence };
  const found = mountable(volume, choice);
  if (typeof found === 'string') return { ...common, obstacle: found };
  const path = found.subvolume ?? '';
  const complaint = complaintOf(found);
  const where = path === '' ? 'the top of its file system' : `the subvolume ${path}`;
  return { ...common, path, ...(complaint && { obstacle: `has no Linux system in ${where}` }) };
}

/** Whether the subvolume is surely no root: what cannot be read may be one. */
function complaintOf({ tree }: MountableTree): boolean {
  const rootFs = new TreeRootFs(tree);
  const complaint = attemptDisk(() => attempt(() => notALinuxRoot(rootFs)));
  return typeof complaint === 'string';
}
