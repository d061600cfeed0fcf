import type { DiskLayout } from '../disk/disk-layout.ts';
import type { PlannedMount } from '../mount-plan.ts';
import { withinOsDisk } from './os-disk-paths.ts';

/** Entries of fstab for the system's own places, against what the disk holds. */
export interface OwnEntries {
  readonly own: readonly PlannedMount[];
  /** The boot stops without them, and they are not on the disk. */
  readonly missing: readonly PlannedMount[];
  /** The same, where a volume that nobody can look into may hold them; completes a sentence. */
  readonly hidden: readonly string[];
  /** The entry for / leads to another volume of the disk than the one that the system is on. */
  readonly otherRoot?: { readonly mount: PlannedMount; readonly named: string; readonly root: string };
}

export function ownEntries(mounts: readonly PlannedMount[], layout: DiskLayout): OwnEntries {
  const own = mounts.filter(({ writtenIn, mountPoint }) => writtenIn === 'fstab' && withinOsDisk(mountPoint));
  // A device name is what storage/device-names reports of the entry.
  const needed = own.filter(
    ({ mountPoint, device, stopsBoot }) =>
      stopsBoot && !layout.lockedPaths.includes(mountPoint) && !/^\/dev\/(?:[shv]d|xvd|nvme|mmcblk|dm-)/.test(device),
  );
  const absent = needed.filter(({ device, type }) => layout.find(device, { type }).kind === 'missing');
  const isClosed = layout.closed.length > 0;
  const where = layout.closed.join('; ');
  const otherRoot = needed.flatMap((mount) => {
    const { root } = layout;
    const named = layout.find(mount.device, { type: mount.type });
    if (mount.mountPoint !== '/' || named.kind !== 'volume' || !root || named.volume.id === root.id) return [];
    const isRoot = layout.find(mount.device, { type: mount.type, among: [root] }).kind === 'volume';
    return isRoot ? [] : [{ mount, named: named.volume.id, root: root.id }];
  })[0];
  return {
    own,
    missing: isClosed ? [] : absent,
    hidden: isClosed
      ? absent.map(({ mountPoint, device }) => `${mountPoint} comes from ${device}, which may be in ${where}`)
      : [],
    ...(otherRoot && { otherRoot }),
  };
}
