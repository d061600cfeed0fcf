import type { UnitFileState } from '../unit-files.ts';
import {
  baseName,
  isGenerated,
  isInUnitDirectory,
  isNullOrEmpty,
  isRuntime,
  linkDestination,
  type UnitDirectories,
} from './directories.ts';
import { findEnablingLink } from './install-links.ts';
import { type InstallSection, NO_INSTALL, readInstallSection } from './install-section.ts';
import { instanceOf, mayAlias, mayTemplate, templateOf, unitNameShape, unitType, withInstance } from './unit-name.ts';

export interface InstallState {
  readonly state: UnitFileState;
  /** The unit file or mask that decides, in the directory of precedence. */
  readonly fragmentPath?: string;
  /** File behind the link, when the fragment is one. */
  readonly targetPath?: string;
  /** Name under which the file was found: differs from the asked one for an alias. */
  readonly name: string;
  readonly install: InstallSection;
  /** The link that makes it enabled. */
  readonly enabledBy?: string;
}

/** `UNIT_FILE_FOLLOW_SYMLINK_MAX` of systemd. */
const MAX_LINKS = 64;

/** `unit_file_lookup_state` of systemd's src/shared/install.c. */
export function installState(directories: UnitDirectories, asked: string): InstallState {
  const bad = (name: string, fragmentPath?: string): InstallState => ({
    state: 'bad',
    name,
    install: NO_INSTALL,
    ...(fragmentPath !== undefined && { fragmentPath }),
  });
  if (!unitNameShape(asked)) return bad(asked);

  let name = asked;
  let fragmentPath: string | undefined;
  let path = findFragment(directories, name);
  for (let links = 0; ; links += 1) {
    if (path === undefined) return { state: 'absent', name, install: NO_INSTALL };
    fragmentPath ??= path;
    if (unitNameShape(name) !== 'plain' && !mayTemplate(name)) return bad(name, fragmentPath);
    const step = examine(directories, path);
    if (step.kind === 'bad') return bad(name, fragmentPath);
    if (step.kind === 'gone') return { state: 'absent', name, install: NO_INSTALL, fragmentPath };
    if (step.kind === 'masked') {
      return { state: isRuntime(path) ? 'masked-runtime' : 'masked', name, install: NO_INSTALL, fragmentPath };
    }
    if (!('target' in step)) break;
    // systemctl refuses it; the manager overlooks the link and takes the file behind it.
    if (step.kind === 'self-alias') return { ...bad(name, fragmentPath), targetPath: step.target };
    if (links >= MAX_LINKS) return bad(name, fragmentPath);
    const target = baseName(step.target);
    if (step.kind === 'linked') {
      path = step.target;
      continue;
    }
    const instance = instanceOf(name);
    const targetName =
      instance !== undefined && unitNameShape(target) === 'template' ? withInstance(target, instance) : target;
    if (targetName === name) {
      path = step.target;
      continue;
    }
    name = targetName;
    path = findFragment(directories, name);
  }

  const install = readInstallSection(directories, name, path);
  if (install === undefined) return bad(name, fragmentPath);
  const found = {
    name,
    install,
    fragmentPath,
    ...(path !== fragmentPath && { targetPath: path }),
  };
  if (asked !== baseName(path) && instanceOf(name) === undefined) return { ...found, state: 'alias' };
  if (isGenerated(path)) return { ...found, state: 'generated' };

  const byName = findEnablingLink(directories, name, path, install);
  if (byName) return { ...found, ...byName };
  if (findEnablingLink(directories, name, path)) return { ...found, state: 'indirect' };
  if (install.aliases.length + install.wantedBy.length > 0) return { ...found, state: 'disabled' };
  return { ...found, state: install.also.length > 0 ? 'indirect' : 'static' };
}

/** First file or link of that name, else of its template (`unit_file_search`). */
export function findFragment(directories: UnitDirectories, name: string): string | undefined {
  const template = instanceOf(name) === undefined ? undefined : templateOf(name);
  for (const candidate of template === undefined ? [name] : [name, template]) {
    const directory = directories.paths.find((path) => directories.list(path).has(candidate));
    if (directory !== undefined) return `${directory}/${candidate}`;
  }
  return undefined;
}

type Step =
  | { readonly kind: 'regular' | 'masked' | 'bad' | 'gone' }
  | { readonly kind: 'linked' | 'alias' | 'self-alias'; readonly target: string };

/** `unit_file_load_or_readlink` with `unit_file_resolve_symlink`. */
function examine(directories: UnitDirectories, path: string): Step {
  const { rootFs } = directories;
  const status = rootFs.lstat(path);
  if (!status) return { kind: 'gone' };
  if (status.type !== 'symlink') {
    if (isNullOrEmpty(rootFs, path)) return { kind: 'masked' };
    return { kind: status.type === 'file' ? 'regular' : 'bad' };
  }
  const target = linkDestination(rootFs, path);
  if (target === '/dev/null') return { kind: 'masked' };
  if (!isInUnitDirectory(target)) return { kind: 'linked', target };
  if (baseName(target) === baseName(path)) return { kind: 'self-alias', target };
  return isValidAlias(baseName(path), baseName(target)) ? { kind: 'alias', target } : { kind: 'bad' };
}

/** `unit_validate_alias_symlink_or_warn`. */
function isValidAlias(source: string, target: string): boolean {
  const sourceShape = unitNameShape(source);
  const targetShape = unitNameShape(target);
  if (!sourceShape || !targetShape || !mayAlias(source) || unitType(source) !== unitType(target)) return false;
  if (sourceShape !== 'plain' && !mayTemplate(source)) return false;
  if (sourceShape !== targetShape && !(sourceShape === 'instance' && targetShape === 'template')) return false;
  return targetShape !== 'instance' || instanceOf(source) === instanceOf(target);
}
