import type { Disk } from '../disk/disk.ts';
import type { FileTree } from '../files/file-tree.ts';
import type { FstabEntry } from '../formats/fstab.ts';
import { rootFlags } from './compose-flags.ts';
import {
  type Composition,
  describeMount,
  fstabOf,
  mountExpected,
  mountTable,
  mountUnits,
  subvolumeChoice,
} from './compose-mounts.ts';
import { isRoot, namedRoots, noRoot, type RootCandidate, rootCandidates } from './compose-roots.ts';
import { type ComposedNode, ComposedTree, type Layer, refusedTree } from './composed-tree.ts';
import { onMissingVolume } from './missing-volumes.ts';
import type { MountPlan } from './mount-plan.ts';
import { type MountableTree, mountable } from './mountable.ts';
import { namedVolume } from './volume-names.ts';

export interface ComposeOptions {
  /** Id of the volume that is the root, or number of a partition; with `:` and a path behind it a btrfs subvolume. */
  readonly rootVolume?: string | undefined;
  /** Reads volumes whose log was not replayed all the same. */
  readonly allowDirty?: boolean | undefined;
}

/** The volumes of a disk put together as the image itself would mount them. */
export interface ComposedRoot {
  readonly tree: FileTree<ComposedNode>;
  readonly plan: MountPlan;
  /** Mount points whose volume cannot be read, with the reason, for {@link TreeRootFs}. */
  readonly missingVolumes: ReadonlyMap<string, string>;
  /** Volumes in the plan with a log that was not replayed. */
  readonly dirtyVolumes: readonly string[];
}

/**
 * Finds the root of the disk by what its volumes hold and mounts the others below it: by its fstab, else by partition
 * type or by Flatcar's labels. Everything that lies on a volume which cannot be had is unreadable, never absent; so is
 * everything on a volume whose log was not replayed, unless that is allowed.
 *
 * @throws {TargetError} when there is no root, or not the one that was asked for
 */
export function composeRoot(disk: Disk, options: ComposeOptions = {}): ComposedRoot {
  const candidates = rootCandidates(disk);
  const { rootVolume } = options;
  const likely = mostLikely(disk, rootVolume === undefined ? candidates : namedRoots(disk, rootVolume, candidates));
  if (!likely) throw noRoot(disk);
  const chosen = (rootVolume === undefined && bootedRoot(disk, likely)) || likely;
  const composition = put(disk, chosen);
  const { tree, mounts, missing, unreadable, layers } = composition;
  const dirtyVolumes = new Set<string>();
  for (const { layer, source } of layers) {
    const { state } = source.fileSystem;
    if (state.kind !== 'dirty') continue;
    dirtyVolumes.add(layer.volume);
    if (!options.allowDirty) layer.tree = refusedDirty(source);
  }
  const others = candidates.map(({ id }) => id).filter((id) => id !== chosen.id);
  return {
    tree,
    plan: { mounts, missing, candidates: [chosen.id, ...others] },
    missingVolumes: unreadable,
    dirtyVolumes: [...dirtyVolumes],
  };
}

/** All that the image mounts on this root. */
function put(disk: Disk, chosen: RootCandidate): Composition {
  const composition = start(disk, chosen);
  const entries = fstabOf(composition.tree);
  const line = entries.find(({ mountPoint }) => mountPoint === '/');
  composition.mounts.push(
    describeMount(chosen, {
      path: '/',
      by: 'content',
      ...(line && leadsTo(disk, line, chosen) && { line: line.line }),
    }),
  );
  if (line && namedVolume(disk, line.device, line.type, line.options).kind === 'missing')
    composition.missing.push({
      path: '/',
      source: line.device,
      line: line.line,
      reason: onMissingVolume(line.device, line.line),
    });
  mountTable(composition, entries);
  mountUnits(composition);
  mountExpected(composition, entries);
  return composition;
}

/** The subvolume that the boot entries make the root; undefined where none does, or one of another name is there. */
function bootedRoot(disk: Disk, likely: RootCandidate): RootCandidate | undefined {
  if (!likely.fileSystem.subvolumes) return undefined;
  const options = rootFlags(put(disk, likely).tree);
  if (options === undefined) return undefined;
  const booted = mountable(likely.volume, subvolumeChoice(options));
  if (typeof booted === 'string' || booted.subvolume === likely.subvolume || !isRoot(booted)) return undefined;
  const isDefault = booted.tree === booted.fileSystem.tree;
  return { ...booted, id: isDefault ? booted.volume.id : `${booted.volume.id}:${booted.subvolume ?? ''}` };
}

/** The tree as it may be shown: unreadable when its log was not replayed. */
export function refusedDirty({ volume, fileSystem, tree }: MountableTree): FileTree<unknown> {
  const { state, type } = fileSystem;
  if (state.kind !== 'dirty') return tree;
  return refusedTree(tree, `lies on ${volume.id}, whose ${type} is not clean: ${state.reason}`, state.advice);
}

/** Where several systems lie side by side, the one whose fstab names itself; a copy of it names the original. */
function mostLikely(disk: Disk, candidates: readonly RootCandidate[]): RootCandidate | undefined {
  const [only, ...others] = candidates;
  if (others.length === 0) return only;
  const own = candidates.find((candidate) => {
    const line = fstabOf(start(disk, candidate).tree).find(({ mountPoint }) => mountPoint === '/');
    return line !== undefined && leadsTo(disk, line, candidate);
  });
  return own ?? only;
}

function leadsTo(disk: Disk, { device, type, options }: FstabEntry, root: MountableTree): boolean {
  const named = namedVolume(disk, device, type, options);
  if (named.kind !== 'volume' || named.volume !== root.volume) return false;
  const tree = mountable(named.volume, root.fileSystem.subvolumes ? subvolumeChoice(options) : {});
  return typeof tree !== 'string' && tree.subvolume === root.subvolume;
}

function start(disk: Disk, root: MountableTree): Composition {
  const layer: Layer = { volume: root.volume.id, tree: root.tree };
  return {
    disk,
    tree: new ComposedTree(layer),
    layers: [{ layer, source: root }],
    mounts: [],
    missing: [],
    unreadable: new Map(),
  };
}
