import type { UnitFileState } from '../unit-files.ts';
import { isRuntime, type UnitDirectories } from './directories.ts';
import type { InstallSection } from './install-section.ts';
import { instanceOf, withInstance } from './unit-name.ts';

/**
 * `find_symlinks_in_scope`: with `install` only links that `systemctl enable` would make count, without it any link that
 * leads to the unit.
 */
export function findEnablingLink(
  directories: UnitDirectories,
  name: string,
  path: string,
  install?: InstallSection,
): { readonly state: UnitFileState; readonly enabledBy?: string } | undefined {
  let runtimeLink: string | undefined;
  let vendorLink: string | undefined;
  let sameName: 'config' | 'runtime' | undefined;
  let belowFragment = false;
  for (const directory of directories.paths) {
    const found = linkIn(directories, directory, { name, install, belowFragment });
    if (found.link !== undefined) {
      if (directory === '/etc/systemd/system') return { state: 'enabled', enabledBy: found.link };
      if (isRuntime(directory)) runtimeLink ??= found.link;
      else vendorLink ??= found.link;
    } else if (found.sameName) {
      if (directory === '/etc/systemd/system') sameName = 'config';
      else if (isRuntime(directory)) sameName ??= 'runtime';
    }
    if (path.startsWith(`${directory}/`)) belowFragment = true;
  }
  if (runtimeLink !== undefined) return { state: 'enabled-runtime', enabledBy: runtimeLink };
  if (vendorLink !== undefined && instanceOf(name) !== undefined) return { state: 'static', enabledBy: vendorLink };
  if (sameName === undefined) return undefined;
  return { state: sameName === 'config' ? 'linked' : 'linked-runtime' };
}

interface LinkQuery {
  readonly name: string;
  readonly install: InstallSection | undefined;
  /** The directory stands behind the unit's own, so its links of the same name are masked. */
  readonly belowFragment: boolean;
}

/** `find_symlinks` for one directory of the search path. */
function linkIn(
  directories: UnitDirectories,
  directory: string,
  query: LinkQuery,
): { readonly link?: string; readonly sameName: boolean } {
  const { name } = query;
  const pullsIn = directories
    .dependencyLinks(directory)
    .find((link) => (link.name === name || link.template === name) && isKnownName(query, link.name));
  if (pullsIn) return { link: pullsIn.path, sameName: false };
  let sameName = false;
  const enabling = directories.links(directory).find((link) => {
    const target = link.target();
    const isSame = !query.belowFragment && link.name === name;
    if (isSame && target === name) sameName = true;
    else return (isSame || target === name) && isKnownName(query, link.name);
    return false;
  });
  return { ...(enabling && { link: enabling.path }), sameName };
}

/** `is_symlink_with_known_name`; without `install` every name will do. */
function isKnownName({ name, install }: LinkQuery, link: string): boolean {
  if (!install || link === name || install.aliases.includes(link)) return true;
  return install.defaultInstance !== undefined && link === withInstance(name, install.defaultInstance);
}
