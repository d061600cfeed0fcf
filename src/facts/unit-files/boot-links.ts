import type { Evidence } from '../../engine/model.ts';
import { splitUnitList } from '../../formats/systemd-unit.ts';
import { attempt } from '../../image/could-not-read.ts';
import { baseName, isInUnitDirectory, isNullOrEmpty, linkDestination, type UnitDirectories } from './directories.ts';
import { dropInFiles } from './drop-ins.ts';
import { templateOf, unitNameShape } from './unit-name.ts';

/** Something that pulls a unit in when another one starts. */
export interface BootLink {
  /** Unit that wants it. */
  readonly from: string;
  readonly evidence: Evidence;
}

const DEPENDENCY_DIRECTORY = /^(.+)\.(?:wants|requires|upholds)$/;
const DEPENDENCIES = new Set(['Wants', 'Requires', 'Upholds', 'BindsTo']);

/** Targets that an ordinary boot does not reach. */
const NOT_AT_BOOT =
  /^(?:ctrl-alt-del|emergency|exit|factory-reset|final|halt|hibernate|hybrid-sleep|initrd.*|kexec|poweroff|reboot|rescue|runlevel[016]|shutdown|sleep|soft-reboot|suspend|suspend-then-hibernate|system-update.*|umount)\.target$/;

export function isBootTarget(name: string): boolean {
  return !NOT_AT_BOOT.test(name);
}

/**
 * Wanted unit → what wants it: links in dependency directories (`unit_load_dropin` of systemd; the name of the link
 * counts, a link to /dev/null hides the same link of later directories) and dependencies in drop-ins of targets.
 */
export function bootLinks(directories: UnitDirectories): ReadonlyMap<string, readonly BootLink[]> {
  const found = new Map<string, BootLink[]>();
  const add = (name: string, link: BootLink) => found.set(name, [...(found.get(name) ?? []), link]);
  const seen = new Set<string>();
  const extended = new Set<string>();

  for (const directory of directories.paths) {
    for (const [entry, type] of directories.list(directory)) {
      if (type !== 'directory' && type !== 'symlink') continue;
      if (entry.endsWith('.target.d')) extended.add(entry.slice(0, -'.d'.length));
      const from = DEPENDENCY_DIRECTORY.exec(entry)?.[1];
      if (from === undefined) continue;
      for (const [name, linkType] of directories.list(`${directory}/${entry}`)) {
        const path = `${directory}/${entry}/${name}`;
        if (linkType !== 'symlink' || seen.has(`${entry}/${name}`)) continue;
        seen.add(`${entry}/${name}`);
        add(name, { from, evidence: { path } });
      }
    }
  }
  for (const from of extended) {
    for (const path of dropInFiles(directories, [[from]])) {
      const { assignments } = directories.read(path);
      for (const { section, key, value, line, text } of assignments) {
        if (section !== 'Unit' || !DEPENDENCIES.has(key)) continue;
        for (const name of splitUnitList(value)) add(name, { from, evidence: { path, line, text } });
      }
    }
  }
  return found;
}

/** Unit → the other names that lead to it by links inside the unit directories. */
export function aliasesByTarget(directories: UnitDirectories): ReadonlyMap<string, readonly string[]> {
  const targets = new Map<string, string>();
  const known = new Set<string>();
  for (const directory of directories.paths) {
    for (const [name, type] of directories.list(directory)) {
      if (known.has(name) || !unitNameShape(name)) continue;
      known.add(name);
      if (type !== 'symlink') continue;
      const destination = linkDestination(directories.rootFs, `${directory}/${name}`);
      const target = baseName(destination);
      if (isInUnitDirectory(destination) && target !== name && unitNameShape(target)) targets.set(name, target);
    }
  }
  const aliases = new Map<string, string[]>();
  for (const name of targets.keys()) {
    // Links of links lead on; as many steps as systemd follows.
    let target = name;
    for (let step = 0; step < 8; step += 1) target = targets.get(target) ?? target;
    if (target !== name) aliases.set(target, [...(aliases.get(target) ?? []), name]);
  }
  return aliases;
}

/**
 * Links that name the unit, one of its aliases or, for a template, one of its instances, without those that are masked.
 * Only now does anything have to look behind a link: there are hundreds, and few are asked for.
 */
export function linksTo(
  directories: UnitDirectories,
  links: ReadonlyMap<string, readonly BootLink[]>,
  names: readonly string[],
): BootLink[] {
  const templates = new Set(names.filter((name) => unitNameShape(name) === 'template'));
  const instances =
    templates.size === 0 ? [] : [...links.keys()].filter((name) => templates.has(templateOf(name) ?? ''));
  const wanted = [...new Set([...names, ...instances])];
  return wanted
    .flatMap((name) => links.get(name) ?? [])
    .flatMap((link) => {
      const { path, line } = link.evidence;
      if (line !== undefined) return [link];
      // As for systemd, a link that leads nowhere or in a circle is no mask.
      const isMask = attempt(() => isNullOrEmpty(directories.rootFs, linkDestination(directories.rootFs, path)));
      const text = `-> ${directories.rootFs.readLink(path) ?? ''}`;
      return isMask === true ? [] : [{ ...link, evidence: { path, text } }];
    });
}
