import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { agent } from './agent.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudInit, cloudInit } from './cloud-init.ts';
import { cloudInitModules } from './cloud-init-modules.ts';
import { mountPlan, type PlannedMount } from './mount-plan.ts';
import { findDependents } from './temporary-disk/dependents.ts';
import { unitFiles } from './unit-files.ts';

export interface TemporaryMountPoint {
  readonly path: string;
  readonly by: 'cloud-init' | 'waagent' | 'fstab';
  /** The setting; undefined for a default. */
  readonly evidence?: Evidence;
}

export interface TemporaryDisk {
  /** Where the temporary disk of a VM is mounted over the image's directory. */
  readonly mountPoints: readonly TemporaryMountPoint[];
  /** Files below a mount point, which the disk hides; at most `mostFiles`. */
  readonly hiddenFiles: readonly Evidence[];
  /** Things of the image that need a path on the disk. */
  readonly dependents: readonly { readonly message: string; readonly evidence: Evidence }[];
  readonly unread: readonly CouldNotRead[];
}

const mostFiles = 5;
/** Levels and entries below a mount point that are looked at. */
const deepest = 6;
const mostEntries = 5000;
const warningFile = /^(?:DATALOSS_WARNING_README\.txt|lost\+found)$/;

/** The temporary disk of an Azure VM: mount points, what lies below them, what depends on them. */
export const temporaryDisk = defineFact<TemporaryDisk>({
  id: 'temporary-disk',
  description: 'Where cloud-init, the agent or fstab mount the temporary disk, files that it hides, and what needs it.',
  reads: ['/etc/waagent.conf', '/etc/cloud/cloud.cfg', '/etc/fstab', '/mnt/**', '/mnt/resource/**'],
  async compute(context) {
    const { rootFs } = context;
    const { mounts } = await context.get(mountPlan);
    const modules = await context.get(cloudInitModules);
    const init = await context.get(cloudInit);
    const { installed, configuration } = await context.get(agent);
    const points: TemporaryMountPoint[] = mounts
      .filter(({ deviceKind, mountPoint }) => deviceKind === 'temporary-disk' && mountPoint.startsWith('/'))
      .map(({ mountPoint, evidence }) => ({ path: mountPoint, by: 'fstab', evidence }));
    const isKnown = init.config.unread.length === 0;
    if (isKnown && init.installed && init.obstacles.length === 0 && modules.has('mounts'))
      points.push(...cloudInitMount(init));
    if (installed && 'switch' in configuration && configuration.switch('ResourceDisk.Format').value) {
      const { value, evidence } = configuration.string('ResourceDisk.MountPoint');
      if (value !== undefined) points.push({ path: value, by: 'waagent', ...(evidence && { evidence }) });
    }
    const mountPoints = points
      .map((point) => ({ ...point, path: point.path.replace(/(?<=.)\/+$/, '') }))
      .filter(({ path }, index, all) => path !== '/' && all.findIndex((other) => other.path === path) === index);

    const tops = mountPoints.map(({ path }) => path);
    const hidden = tops.map((path) => attempt(() => filesBelow(rootFs, path, ownMounts(mounts, path))));
    const needs = findDependents(rootFs, await context.get(unitFiles), (path) => isOnDisk(path, tops, mounts));
    return {
      mountPoints,
      hiddenFiles: hidden.flatMap((found) => (isCouldNotRead(found) ? [] : found)).slice(0, mostFiles),
      dependents: needs.found,
      unread: [
        ...hidden.filter(isCouldNotRead),
        ...needs.unread,
        ...(init.installed ? [...init.config.unread, ...init.unread] : []),
        ...(installed && isCouldNotRead(configuration) ? [configuration] : []),
      ],
    };
  },
});

/** `cc_mounts.py`: `mounts` may move or drop ephemeral0; without it the disk goes to /mnt. */
function cloudInitMount({ config }: CloudInit): readonly TemporaryMountPoint[] {
  const mounts = config.get('mounts');
  const evidence = config.origin('mounts');
  for (const entry of isList(mounts) ? mounts : []) {
    if (!isList(entry)) continue;
    const [device, mountPoint] = entry;
    if (typeof device !== 'string' || !/^(?:\/dev\/)?ephemeral0?(?:\.\d+)?$|azure_resource/.test(device)) continue;
    if (typeof mountPoint !== 'string' || !mountPoint.startsWith('/')) return [];
    return [{ path: mountPoint, by: 'cloud-init', ...(evidence && { evidence }) }];
  }
  return [{ path: '/mnt', by: 'cloud-init' }];
}

/** Other file systems that are mounted below. */
function ownMounts(mounts: readonly PlannedMount[], top: string): readonly string[] {
  return mounts
    .filter(({ deviceKind, startsAtBoot }) => startsAtBoot && deviceKind !== 'temporary-disk')
    .map(({ mountPoint }) => mountPoint)
    .filter((path) => path.startsWith(`${top}/`) || path === top);
}

function isOnDisk(path: string, tops: readonly string[], mounts: readonly PlannedMount[]): boolean {
  const top = tops.find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  if (top === undefined) return false;
  return !ownMounts(mounts, top).some((own) => path === own || path.startsWith(`${own}/`));
}

function filesBelow(rootFs: RootFs, top: string, others: readonly string[]): readonly Evidence[] {
  if (rootFs.stat(top)?.type !== 'directory' || others.includes(top)) return [];
  const found: Evidence[] = [];
  let seen = 0;
  const enter = (path: string) => !others.includes(path) && !path.endsWith('/lost+found');
  for (const { path, status } of rootFs.walk(top, { maxDepth: deepest, enter })) {
    if (++seen > mostEntries || found.length >= mostFiles) break;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (status.type === 'file' && !warningFile.test(name)) found.push({ path });
  }
  return found;
}
