import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { logPathsOf } from './cloud-init/log-paths.ts';
import { cloudInit } from './cloud-init.ts';

/** One cached instance below `instances/`. */
export interface CloudInitInstance {
  readonly path: string;
  /** The pickled data source, which makes the instance a cached one. */
  readonly hasObject: boolean;
  readonly hasUserData: boolean;
  /** Paths of all its files. */
  readonly files: readonly string[];
}

/** Files that seed a data source, by the name of the directory: `azure`, `nocloud`, `nocloud-net`. */
export interface CloudInitSeed {
  readonly name: string;
  readonly files: readonly string[];
}

export interface CloudInitLog {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The line that names it; for the usual names the file itself. */
  readonly evidence: Evidence;
}

/** What cloud-init left behind from an earlier boot. */
export interface CloudInitState {
  /** `system_info.paths.cloud_dir`, default /var/lib/cloud. */
  readonly directory: string;
  /** False when nothing lies there at all. */
  readonly present: boolean;
  /** The link to the current instance; as a directory or file in its place, `target` is undefined. */
  readonly instanceLink?: { readonly path: string; readonly target?: string; readonly dangling: boolean };
  readonly instances: readonly CloudInitInstance[];
  /** Files below `data`, such as `instance-id` and `reported_ready`. Hidden files are left out here and below. */
  readonly data: readonly string[];
  /** Markers of what runs once per system. */
  readonly semaphores: readonly string[];
  readonly handlers: readonly string[];
  readonly seeds: readonly CloudInitSeed[];
  /** `instance/manual-clean`, with which ds-identify keeps an earlier result. */
  readonly manualClean?: Evidence;
  /** Logs of cloud-init, with content or without. */
  readonly logs: readonly CloudInitLog[];
  /** Copies of the installer below /var/log/installer. */
  readonly installerLogs: readonly CloudInitLog[];
  readonly unread: readonly CouldNotRead[];
}

/** State below /var/lib/cloud and logs, as `cloud-init clean` (cloudinit/cmd/clean.py) looks for them. */
export const cloudInitState = defineFact<CloudInitState>({
  id: 'cloud-init-state',
  description: 'What cloud-init left in its state directory, seeds and logs.',
  reads: ['/var/lib/cloud/**', '/var/log/cloud-init*.log', '/var/log/installer/**'],
  async compute(context) {
    const { rootFs } = context;
    const { installed, config } = await context.get(cloudInit);
    const configured = config.get('system_info', 'paths', 'cloud_dir');
    const given = typeof configured === 'string' && configured.startsWith('/') ? configured : '/var/lib/cloud';
    // Shipped as /var/lib/cloud/ by most distributions.
    const directory = given.replace(/(?<=.)\/+$/, '');
    const unread: CouldNotRead[] = installed ? [...config.unread] : [];
    const look = <T>(read: () => T, nothing: T): T => {
      const found = attempt(read);
      if (!isCouldNotRead(found)) return found;
      unread.push(found);
      return nothing;
    };
    const files = (path: string) => look(() => filesBelow(rootFs, path), []);
    const names = (path: string) => look(() => directoriesIn(rootFs, path), []);

    const instances = names(`${directory}/instances`).map((name): CloudInitInstance => {
      const path = `${directory}/instances/${name}`;
      const content = files(path);
      const has = (file: string) => content.includes(`${path}/${file}`);
      return {
        path,
        hasObject: has('obj.pkl'),
        hasUserData: has('user-data.txt') || has('user-data.txt.i'),
        files: content,
      };
    });
    const seeds = names(`${directory}/seed`).map((name) => ({ name, files: files(`${directory}/seed/${name}`) }));
    const instanceLink = look(() => findInstanceLink(rootFs, `${directory}/instance`), undefined);
    const manualClean = { path: `${directory}/instance/manual-clean` };
    const isManual = look(() => rootFs.stat(manualClean.path)?.type === 'file', false);
    const log = ({ path, evidence }: { readonly path: string; readonly evidence: Evidence }): CloudInitLog[] => {
      const status = look(() => rootFs.stat(path), undefined);
      return status?.type === 'file' ? [{ path, size: status.size, evidence }] : [];
    };
    const itself = (path: string) => ({ path, evidence: { path } });
    const usual = look(() => usualLogs(rootFs), []).map(itself);
    const named = logPathsOf(config).filter(({ path }) => usual.every((other) => other.path !== path));
    return {
      directory,
      present: look(() => rootFs.lstat(directory) !== undefined, true),
      ...(instanceLink && { instanceLink }),
      instances,
      data: files(`${directory}/data`),
      semaphores: files(`${directory}/sem`),
      handlers: files(`${directory}/handlers`),
      seeds: seeds.filter((seed) => seed.files.length > 0),
      ...(isManual && { manualClean }),
      logs: [...usual, ...named].flatMap(log),
      installerLogs: files('/var/log/installer').map(itself).flatMap(log),
      unread,
    };
  },
});

function findInstanceLink(rootFs: RootFs, path: string): CloudInitState['instanceLink'] {
  if (rootFs.lstat(path) === undefined) return undefined;
  const target = rootFs.readLink(path);
  if (target === undefined) return { path, dangling: false };
  return { path, target, dangling: rootFs.stat(path) === undefined };
}

/** `cloud-init clean` leaves hidden files alone, and so do packages' placeholders. */
function filesBelow(rootFs: RootFs, directory: string): readonly string[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  const isVisible = (path: string) => !path.slice(path.lastIndexOf('/') + 1).startsWith('.');
  return [...rootFs.walk(directory, { enter: isVisible })]
    .filter(({ path, status }) => status.type !== 'directory' && isVisible(path))
    .map(({ path }) => path);
}

function directoriesIn(rootFs: RootFs, directory: string): readonly string[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  return (rootFs.readDir(directory) ?? [])
    .filter(({ name, type }) => type === 'directory' && !name.startsWith('.'))
    .map(({ name }) => name);
}

function usualLogs(rootFs: RootFs): readonly string[] {
  if (rootFs.stat('/var/log')?.type !== 'directory') return [];
  return (rootFs.readDir('/var/log') ?? [])
    .filter(({ name }) => /^cloud-init.*\.log$/.test(name))
    .map(({ name }) => `/var/log/${name}`);
}
