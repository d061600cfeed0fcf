import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { executables } from './executables.ts';

/** What there is to make the root partition as large as the disk, and to divide other disks. */
export interface RootGrowth {
  /** growpart, a definition for systemd-repart, or a module of dracut. */
  readonly means: readonly Evidence[];
  readonly partitioners: readonly Evidence[];
  /** Definitions that may be another means. */
  readonly unread: readonly CouldNotRead[];
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
    const definitions = repartDefinitions(rootFs);
    return {
      means: [
        ...(growpart ? [growpart] : []),
        ...definitions.flatMap((found) => (isCouldNotRead(found) ? [] : found)),
        ...dracutModules(rootFs),
      ],
      partitioners: found,
      unread: definitions.filter(isCouldNotRead),
    };
  },
});

function repartDefinitions(rootFs: RootFs): readonly (Evidence | CouldNotRead)[] {
  return repartFolders
    .flatMap((folder) => (rootFs.readDir(folder) ?? []).map(({ name }) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.conf'))
    .flatMap((path) => {
      const text = attempt(() => rootFs.readText(path));
      if (isCouldNotRead(text)) return text;
      return /^\s*Type\s*=\s*root/m.test(text ?? '') ? { path } : [];
    });
}

function dracutModules(rootFs: RootFs): readonly Evidence[] {
  return (rootFs.readDir(dracutFolder) ?? [])
    .filter(({ name }) => /grow|oem-repart/.test(name))
    .map(({ name }) => ({ path: `${dracutFolder}/${name}` }));
}
