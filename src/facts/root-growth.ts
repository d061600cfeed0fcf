import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { executables } from './executables.ts';

/** What there is to make the root partition as large as the disk, and to divide other disks. */
export interface RootGrowth {
  /** growpart, a definition for systemd-repart, or a module of dracut. */
  readonly means: readonly Evidence[];
  readonly partitioners: readonly Evidence[];
}

const repartFolders = ['/etc/repart.d', '/run/repart.d', '/usr/local/lib/repart.d', '/usr/lib/repart.d'];
const dracutFolder = '/usr/lib/dracut/modules.d';

export const rootGrowth = defineFact<RootGrowth>({
  id: 'root-growth',
  description: 'Means to grow the root partition on first boot, and programs that divide disks.',
  reads: [
    '/usr/{,s}bin/{growpart,sgdisk,sfdisk}',
    ...repartFolders.map((folder) => `${folder}/*.conf`),
    `${dracutFolder}/*grow*`,
  ],
  async compute(context) {
    const { rootFs } = context;
    const programs = await context.get(executables);
    const growpart = programs.find('growpart');
    const found = ['sgdisk', 'sfdisk'].flatMap((name) => programs.find(name) ?? []);
    return {
      means: [...(growpart ? [growpart] : []), ...repartDefinitions(rootFs), ...dracutModules(rootFs)],
      partitioners: found,
    };
  },
});

function repartDefinitions(rootFs: RootFs): readonly Evidence[] {
  return repartFolders
    .flatMap((folder) => (rootFs.readDir(folder) ?? []).map(({ name }) => `${folder}/${name}`))
    .filter((path) => {
      const text = path.endsWith('.conf') ? attempt(() => rootFs.readText(path)) : undefined;
      return !isCouldNotRead(text) && /^\s*Type\s*=\s*root/m.test(text ?? '');
    })
    .map((path) => ({ path }));
}

function dracutModules(rootFs: RootFs): readonly Evidence[] {
  return (rootFs.readDir(dracutFolder) ?? [])
    .filter(({ name }) => /grow|oem-repart/.test(name))
    .map(({ name }) => ({ path: `${dracutFolder}/${name}` }));
}
