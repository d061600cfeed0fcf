import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { executables } from './executables.ts';

/** What gives data disks names that do not change on sizes with NVMe. */
export interface AzureVmUtils {
  /** Rules of udev, of the package or the image's own. */
  readonly rules?: Evidence;
  /** The program that the package's rules call. */
  readonly program?: Evidence;
}

const folders = ['/etc/udev/rules.d', '/usr/lib/udev/rules.d', '/lib/udev/rules.d'];
const names = ['80-azure-disk.rules', '88-azure-nvme-data-disk.rules'];

export const azureVmUtils = defineFact<AzureVmUtils>({
  id: 'azure-vm-utils',
  description: 'Rules and program of azure-vm-utils for links to NVMe disks.',
  reads: [...folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)), '/usr/sbin/azure-nvme-id'],
  async compute(context) {
    const program = (await context.get(executables)).find('azure-nvme-id');
    const rules = rulesIn(context.rootFs);
    return { ...(rules && { rules }), ...(program && { program }) };
  },
});

function rulesIn(rootFs: RootFs): Evidence | undefined {
  for (const name of names) {
    for (const folder of folders) {
      const status = rootFs.stat(`${folder}/${name}`);
      // A link to /dev/null in /etc switches the rules off.
      if (status?.type === 'file' && status.size > 0) return { path: `${folder}/${name}` };
      if (rootFs.lstat(`${folder}/${name}`) !== undefined) break;
    }
  }
  return undefined;
}
