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
  for (const directory of directories) {
    const entries = attempt(() => rootFs.readDir(directory) ?? []);
    const name = isCouldNotRead(entries) ? undefined : entries.find((entry) => /^oem-azure/.test(entry.name))?.name;
    if (name !== undefined) return { seen: { path: `${directory}/${name}` } };
  }
  const oemUnseen = partitions.every((entries) => isCouldNotRead(entries) || entries.length === 0);
  return oemUnseen ? { seen: undefined } : undefined;
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
  const paths = distributionPaths(system?.id);
  return paths.find((path) => rootFs.stat(path) !== undefined) ?? paths[0] ?? defaultPath;
}

function distributionPaths(id: string | undefined): readonly string[] {
  switch (id) {
    case 'clear-linux-os':
      return ['/usr/share/defaults/waagent/waagent.conf'];
    case 'coreos':
    case 'flatcar':
      return [defaultPath, '/usr/share/oem/waagent.conf'];
    case 'freebsd':
      return ['/usr/local/etc/waagent.conf', defaultPath];
    case 'ubuntu-core':
      return ['/apps/walinuxagent/current/waagent.conf', defaultPath];
    default:
      return [defaultPath];
  }
}
