import { partition } from '../../engine/define.ts';
import type { Evidence } from '../../engine/model.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { Distribution } from '../distribution.ts';
import type { UnitSetting } from '../unit-files.ts';

/** Where the agent's program lies: `setup.py` get_data_files, by distribution. */
const executables = [
  '/usr/sbin/waagent',
  '/usr/bin/waagent',
  '/usr/local/sbin/waagent',
  '/usr/local/bin/waagent',
  '/usr/share/oem/bin/waagent',
];
const defaultPath = '/etc/waagent.conf';
const oemPath = '/usr/share/oem/waagent.conf';
const portPath = '/usr/local/etc/waagent.conf';
/** Its agent is patched to read the default path; before, Flatcar is as CoreOS to the agent. */
const firstFlatcarWithExtension = 3550;

export function findExecutable(rootFs: RootFs): Evidence | undefined {
  const { read, unread } = partition(
    executables.map((path) => attempt(() => ({ path, found: rootFs.stat(path)?.type === 'file' }))),
  );
  const path = read.find(({ found }) => found)?.path;
  if (path !== undefined) return { path };
  const [first] = unread;
  if (first) throw first;
  return undefined;
}

/** Flatcar from 3550 on brings the agent in a system extension on its OEM partition, which may not be in the target. */
export function systemExtension(
  rootFs: RootFs,
  system: Distribution | undefined,
): { readonly seen: Evidence | undefined } | undefined {
  if (system?.id !== 'flatcar') return undefined;
  const partitions = ['/oem', '/usr/share/oem'].map((path) => attempt(() => rootFs.readDir(path) ?? []));
  const directories = ['/oem/sysext', '/usr/share/oem/sysext', '/etc/flatcar/oem-sysext', '/etc/extensions'];
  let isClosed = false;
  for (const directory of directories) {
    const entries = attempt(() => rootFs.readDir(directory));
    isClosed ||= isCouldNotRead(entries);
    const name = isCouldNotRead(entries) ? undefined : entries?.find((entry) => /^oem-azure/.test(entry.name))?.name;
    if (name !== undefined) return { seen: { path: `${directory}/${name}` } };
  }
  const oemUnseen = partitions.every((entries) => isCouldNotRead(entries) || entries.length === 0);
  return oemUnseen || isClosed ? { seen: undefined } : undefined;
}

/** `agent_conf_file_path` of the distribution's osutil class, unless the unit passes `-configuration-path`. */
export function configurationPath(
  rootFs: RootFs,
  settings: readonly UnitSetting[],
  system: Distribution | undefined,
): string {
  const command = settings.findLast(({ section, key }) => section === 'Service' && key === 'ExecStart')?.value ?? '';
  const given = /\s[-/]*configuration-path:([\w/.-]+)/.exec(command)?.[1];
  if (given) return given;
  switch (system?.id) {
    case 'clear-linux-os':
      return '/usr/share/defaults/waagent/waagent.conf';
    case 'coreos':
      return oemPath;
    case 'flatcar':
      return Number.parseInt(system.versionId ?? '', 10) < firstFlatcarWithExtension ? oemPath : defaultPath;
    case 'freebsd':
      // The port patches the path into the program; what its own setup.py installs reads the default one.
      return rootFs.stat(portPath) === undefined && rootFs.stat(defaultPath) !== undefined ? defaultPath : portPath;
    default:
      return defaultPath;
  }
}
