import type { Evidence } from '../../engine/model.ts';
import { parseShellAssignments } from '../../formats/shell-assignments.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** A service of an init system other than systemd. */
export interface InitScript {
  readonly path: string;
  /** What starts it at boot; undefined when nothing does. */
  readonly startedBy?: Evidence;
}

const SCRIPT_DIRECTORIES = ['/etc/init.d', '/etc/rc.d/init.d', '/etc/rc.d', '/usr/local/etc/rc.d'] as const;
const RUNLEVEL_PARENTS = ['/etc', '/etc/rc.d', '/etc/init.d'] as const;
const RUNLEVELS = ['S', '2', '3', '4', '5'] as const;
const OPENRC_RUNLEVELS = ['sysinit', 'boot', 'default'] as const;
const SYSTEMD = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'] as const;

/**
 * Script of a service by its short name, `waagent`: SysV and BSD scripts count under systemd too (its sysv generator),
 * upstart jobs, OpenRC runlevels and rc.conf only where systemd is not installed.
 */
export function findInitScript(rootFs: RootFs, service: string): InitScript | undefined {
  if (service.includes('/') || service === '') return undefined;
  const hasSystemd = SYSTEMD.some((path) => rootFs.stat(path) !== undefined);
  const job = hasSystemd ? undefined : findUpstartJob(rootFs, service);
  if (job) return job;

  const path = SCRIPT_DIRECTORIES.map((directory) => `${directory}/${service}`).find(
    (candidate) => rootFs.stat(candidate)?.type === 'file',
  );
  if (path === undefined) return undefined;
  const startedBy =
    findRunlevelLink(rootFs, service) ??
    (hasSystemd ? undefined : (findOpenRcLink(rootFs, service) ?? findRcConfLine(rootFs, service)));
  return { path, ...(startedBy && { startedBy }) };
}

function findRunlevelLink(rootFs: RootFs, service: string): Evidence | undefined {
  for (const parent of RUNLEVEL_PARENTS) {
    for (const runlevel of RUNLEVELS) {
      const directory = `${parent}/rc${runlevel}.d`;
      if (rootFs.stat(directory)?.type !== 'directory') continue;
      const link = rootFs.readDir(directory)?.find(({ name }) => /^S\d\d/.test(name) && name.slice(3) === service);
      if (link) return { path: `${directory}/${link.name}` };
    }
  }
  return undefined;
}

function findOpenRcLink(rootFs: RootFs, service: string): Evidence | undefined {
  const path = OPENRC_RUNLEVELS.map((runlevel) => `/etc/runlevels/${runlevel}/${service}`).find(
    (candidate) => rootFs.lstat(candidate) !== undefined,
  );
  return path === undefined ? undefined : { path };
}

/** `NAME_enable="YES"` of FreeBSD, read as `checkyesno` of rc.subr does. */
function findRcConfLine(rootFs: RootFs, service: string): Evidence | undefined {
  const path = '/etc/rc.conf';
  const line = parseShellAssignments(rootFs.readText(path) ?? '').byKey.get(`${service}_enable`);
  if (!line || !/^(?:yes|true|on|1)$/i.test(line.value)) return undefined;
  return { path, line: line.line, text: line.text };
}

/** A job with a `start on` stanza, unless its override says `manual`. */
function findUpstartJob(rootFs: RootFs, service: string): InitScript | undefined {
  const path = `/etc/init/${service}.conf`;
  const job = rootFs.readText(path);
  if (job === undefined) return undefined;
  const override = rootFs.readText(`/etc/init/${service}.override`) ?? '';
  const lines = job.split('\n');
  const index = lines.findIndex((line) => /^\s*start\s+on\b/.test(line));
  const isManual =
    /^\s*manual\s*$/m.test(override) || lines.slice(index + 1).some((line) => /^\s*manual\s*$/.test(line));
  if (index < 0 || isManual) return { path };
  return { path, startedBy: { path, line: index + 1, text: lines[index] ?? '' } };
}
