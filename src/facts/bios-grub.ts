import { defineFact } from '../engine/define.ts';

/** GRUB for BIOS as far as files show it. */
export interface BiosGrub {
  /** Folders of /boot that hold its modules. */
  readonly folders: readonly {
    readonly path: string;
    /** Bytes of normal.mod; undefined when it is missing. */
    readonly normalSize?: number;
  }[];
  /** Whether its package and a grub.cfg are there, so that a folder is to be expected. */
  readonly isInstalled: boolean;
}

const FOLDERS = ['/boot/grub2/i386-pc', '/boot/grub/i386-pc', '/boot/flatcar/grub/i386-pc'] as const;
const PACKAGED = ['/usr/lib/grub/i386-pc', '/usr/share/grub2/i386-pc'] as const;
const CONFIGURATIONS = ['/boot/grub2/grub.cfg', '/boot/grub/grub.cfg'] as const;

/** Modules of GRUB for BIOS. */
export const biosGrub = defineFact<BiosGrub>({
  id: 'bios-grub',
  description: 'Whether /boot holds the modules of GRUB for BIOS.',
  reads: [...FOLDERS.map((folder) => `${folder}/normal.mod`), ...PACKAGED],
  compute({ rootFs }) {
    const seen = new Set<string>();
    const folders = FOLDERS.flatMap((path) => {
      const realPath = rootFs.realPath(path);
      if (realPath === undefined || seen.has(realPath) || rootFs.stat(path)?.type !== 'directory') return [];
      seen.add(realPath);
      const size = rootFs.stat(`${path}/normal.mod`)?.size;
      return [{ path, ...(size !== undefined && { normalSize: size }) }];
    });
    const has = (path: string) => rootFs.stat(path) !== undefined;
    return { folders, isInstalled: PACKAGED.some(has) && CONFIGURATIONS.some(has) };
  },
});
