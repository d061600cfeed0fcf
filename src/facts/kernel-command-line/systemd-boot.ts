import { globMatcher } from '../../formats/glob-pattern.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { BootEntry } from '../kernel-command-line.ts';
import { readLoaderEntries } from './boot-loader-entries.ts';

/** Where the EFI system partition or the extended boot partition is mounted. */
const PARTITIONS = ['/efi', '/boot/efi', '/boot'] as const;

/**
 * Entries of systemd-boot, and of anything else that reads Boot Loader Specification files without a grub.cfg. The
 * default is the first that the pattern of loader.conf matches, else the newest.
 */
export function systemdBootEntries(rootFs: RootFs): BootEntry[] {
  const entries = PARTITIONS.flatMap((partition) => readLoaderEntries(rootFs, `${partition}/loader/entries`));
  const pattern = PARTITIONS.map((partition) =>
    defaultPattern(rootFs.readText(`${partition}/loader/loader.conf`) ?? ''),
  ).find((found) => found !== undefined);
  const matches = globMatcher(pattern ?? '*');
  const chosen = entries.find(({ id }) => matches(id) || matches(`${id}.conf`)) ?? entries[0];
  return entries.map((entry) => ({ ...entry, isDefault: entry === chosen }));
}

function defaultPattern(loaderConf: string): string | undefined {
  const pattern = /^[ \t]*default[ \t]+(\S+)/m.exec(loaderConf)?.[1];
  // `@saved` is an EFI variable, which an image does not have.
  return pattern?.startsWith('@') ? undefined : pattern;
}
