import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { deviceIdentifier } from '../formats/device-identifier.ts';
import { diskLayout } from './disk/disk-layout.ts';
import { mountPlan } from './mount-plan.ts';

/** Installers begin the name of an encrypted volume with luks; device mapper joins group and volume by a hyphen. */
const LOGICAL_VOLUME = /^(?!luks-)[^-]+-/;

/** What shows that / is a logical volume, which cloud-init does not grow; files alone do not tell it of a UUID. */
export const logicalRoot = defineFact<Evidence | undefined>({
  id: 'logical-root',
  description: 'Whether the root file system lies on a logical volume, by the disk or by its name in fstab.',
  reads: ['/etc/fstab', ...diskLayout.reads],
  async compute(context) {
    const root = (await context.get(diskLayout))?.root;
    if (root) return root.logicalVolume && { path: root.place };
    const { mounts } = await context.get(mountPlan);
    const mount = mounts.find(({ mountPoint }) => mountPoint === '/');
    const identifier = mount && deviceIdentifier(mount.device);
    return identifier?.kind === 'volume' && LOGICAL_VOLUME.test(identifier.value) ? mount?.evidence : undefined;
  },
});
