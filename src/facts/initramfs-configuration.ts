import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { driverNames, parseDracutConf } from '../formats/dracut-conf.ts';
import { parseInitramfsModules } from '../formats/initramfs-modules.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { compareVersions } from '../formats/version-order.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';

/** A driver that the configuration names, with the last line that brings it in. */
export interface NamedDriver {
  /** With underscores. */
  readonly name: string;
  readonly evidence: Evidence;
}

/** What the next initramfs will be made of. */
export interface InitramfsConfiguration {
  /** Undefined when the image has no generator that this tool knows. */
  readonly generator: 'dracut' | 'initramfs-tools' | undefined;
  /**
   * Whether it takes only what the building machine needs: dracut's host-only mode, MODULES=dep or list. False: the
   * usual drivers of any machine.
   */
  readonly hostOnly: boolean;
  /** The line that decides `hostOnly`. */
  readonly mode?: Evidence;
  readonly added: readonly NamedDriver[];
  readonly omitted: readonly NamedDriver[];
  /** Lines about drivers that the shell does not take for what they look like. */
  readonly misread: readonly Evidence[];
  /** Files that say something, with the time of their last change in seconds since 1970-01-01 UTC. */
  readonly files: readonly { readonly path: string; readonly mtime: number }[];
}

const DRACUT_DIRECTORIES = [
  '/etc/dracut.conf.d',
  '/usr/lib/dracut/dracut.conf.d',
  '/run/initramfs/dracut.conf.d',
] as const;
const TOOLS = '/etc/initramfs-tools';
const TOOLS_DEFAULTS = '/usr/share/initramfs-tools';

/** Settings of dracut or initramfs-tools. */
export const initramfsConfiguration = defineFact<InitramfsConfiguration>({
  id: 'initramfs-configuration',
  description: 'Which drivers dracut or initramfs-tools are told to put into the next initramfs.',
  reads: [
    '/etc/dracut.conf',
    ...DRACUT_DIRECTORIES.map((directory) => `${directory}/*.conf`),
    `${TOOLS}/{initramfs.conf,modules,conf.d/*}`,
    `${TOOLS_DEFAULTS}/{conf.d,modules.d}/*`,
  ],
  compute({ rootFs }) {
    const has = (path: string) => rootFs.stat(path)?.type === 'file';
    if (has('/usr/sbin/mkinitramfs') && has(`${TOOLS}/initramfs.conf`)) return initramfsTools(rootFs);
    if (has('/usr/bin/dracut') || has('/usr/sbin/dracut') || has('/etc/dracut.conf')) return dracut(rootFs);
    return { generator: undefined, hostOnly: false, added: [], omitted: [], misread: [], files: [] };
  },
});

function dracut(rootFs: RootFs): InitramfsConfiguration {
  const values = new Map<string, { value: string; evidence: Evidence }>();
  const named = { add: new Map<string, NamedDriver>(), omit: new Map<string, NamedDriver>() };
  const misread: Evidence[] = [];
  const paths = ['/etc/dracut.conf', ...dropIns(rootFs)].filter((path) => rootFs.stat(path)?.type === 'file');
  for (const path of paths) {
    const text = rootFs.readText(path) ?? '';
    const lines = text.split('\n');
    const { assignments, problems } = parseDracutConf(text, (name) => values.get(name)?.value);
    for (const { key, value, line, text: raw } of assignments) {
      const evidence = { path, line, text: raw };
      values.set(key, { value, evidence });
      const names = /^(?:(?:add|force)_)?drivers$/.test(key)
        ? named.add
        : key === 'omit_drivers'
          ? named.omit
          : undefined;
      for (const name of driverNames(value)) if (!names?.has(name)) names?.set(name, { name, evidence });
    }
    for (const { line } of problems) {
      const raw = lines[line - 1] ?? '';
      if (/drivers/.test(raw)) misread.push({ path, line, text: raw });
    }
  }
  const list = (key: string) => driverNames(values.get(key)?.value ?? '');
  // A later plain `=` throws away what earlier files added, and dracut omits nothing that is added elsewhere.
  const added = [...new Set([...list('add_drivers'), ...list('force_drivers'), ...list('drivers')])];
  const omitted = list('omit_drivers').filter((name) => !added.includes(name));
  const mode = values.get('hostonly');
  return {
    generator: 'dracut',
    hostOnly: mode !== undefined && mode.value !== '' && mode.value !== 'no',
    ...(mode && { mode: mode.evidence }),
    added: added.flatMap((name) => named.add.get(name) ?? []),
    omitted: omitted.flatMap((name) => named.omit.get(name) ?? []),
    misread,
    files: paths.map((path) => ({ path, mtime: rootFs.stat(path)?.mtime ?? 0 })),
  };
}

/** A name counts once, from the first directory that has it (`dropindirs_sort` of dracut.sh). */
function dropIns(rootFs: RootFs): string[] {
  const byName = new Map<string, string>();
  for (const directory of DRACUT_DIRECTORIES) {
    for (const path of expandGlob(rootFs, `${directory}/*.conf`)) {
      const name = path.slice(directory.length + 1);
      if (!byName.has(name)) byName.set(name, path);
    }
  }
  return [...byName].sort(([a], [b]) => compareVersions(a, b)).map(([, path]) => path);
}

function initramfsTools(rootFs: RootFs): InitramfsConfiguration {
  const own = new Set(expandGlob(rootFs, `${TOOLS}/conf.d/*`).map((path) => path.slice(path.lastIndexOf('/'))));
  const defaults = expandGlob(rootFs, `${TOOLS_DEFAULTS}/conf.d/*`).filter(
    (path) => !own.has(path.slice(path.lastIndexOf('/'))),
  );
  const settings = [`${TOOLS}/initramfs.conf`, ...defaults, ...expandGlob(rootFs, `${TOOLS}/conf.d/*`)];
  let mode: { value: string; evidence: Evidence } | undefined;
  for (const path of settings) {
    const found = parseShellAssignments(rootFs.readText(path) ?? '').byKey.get('MODULES');
    if (found) mode = { value: found.value, evidence: { path, line: found.line, text: found.text } };
  }
  const lists = [`${TOOLS}/modules`, ...expandGlob(rootFs, `${TOOLS_DEFAULTS}/modules.d/*`)];
  const added = lists.flatMap((path) =>
    parseInitramfsModules(rootFs.readText(path) ?? '').map(({ name, line, text }) => ({
      name,
      evidence: { path, line, text },
    })),
  );
  return {
    generator: 'initramfs-tools',
    hostOnly: mode?.value === 'dep' || mode?.value === 'list',
    ...(mode && { mode: mode.evidence }),
    added,
    omitted: [],
    misread: [],
    files: [...settings, ...lists].flatMap((path) => {
      const status = rootFs.stat(path);
      return status ? [{ path, mtime: status.mtime }] : [];
    }),
  };
}
