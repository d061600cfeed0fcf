import type { RootFs } from '../image/root-fs.ts';

/** system.conf of the first directory that has one, then the drop-ins of all directories by name. */
export function managerFiles(rootFs: RootFs): readonly string[] {
  const directories = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'];
  const isFile = (path: string) => rootFs.stat(path)?.type === 'file';
  const main = directories.map((directory) => `${directory}/system.conf`).find(isFile);
  const dropIns = new Map<string, string>();
  for (const directory of directories.map((path) => `${path}/system.conf.d`)) {
    if (rootFs.stat(directory)?.type !== 'directory') continue;
    for (const { name } of rootFs.readDir(directory) ?? []) {
      if (name.endsWith('.conf') && !dropIns.has(name)) dropIns.set(name, `${directory}/${name}`);
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return [...(main === undefined ? [] : [main]), ...sorted.filter(isFile)];
}
