import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';

/** A file of the administrator that names disks in a way that only SCSI disks have. */
export interface ScsiNames {
  readonly path: string;
  /** Each name once. */
  readonly names: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface ScsiNameUse {
  readonly files: readonly ScsiNames[];
  readonly unread: readonly CouldNotRead[];
}

const FILES = ['/etc/fstab', '/etc/crontab', '/etc/rc.local', '/etc/rc.d/rc.local', '/etc/cloud/cloud.cfg'] as const;
const GLOBS = [
  '/etc/cloud/cloud.cfg.d/*.cfg',
  '/etc/cron.*/*',
  '/etc/systemd/system/*.{service,mount,swap,automount}',
  '/etc/systemd/system/*.d/*.conf',
  '/etc/udev/rules.d/*.rules',
  '/usr/local/bin/*',
  '/usr/local/sbin/*',
] as const;
/** Bytes; what mounts a disk is a script, not a program of megabytes. */
const LARGEST_SCRIPT = 262_144;
const NAME =
  /(?<![\w/])\/dev\/(?:disk\/azure\/scsi\d\S{0,200}?|disk\/cloud\/azure_resource\S{0,200}?|sd[a-z]{1,2}\d*)(?=$|[^\w/-])/g;

/** Where /etc and the administrator's own scripts name SCSI disks; comments do not count. */
export const scsiNames = defineFact<ScsiNameUse>({
  id: 'scsi-names',
  description: 'Units, scripts and configuration of the administrator that name disks as only SCSI disks are named.',
  reads: [...FILES, ...GLOBS],
  compute({ rootFs }) {
    const globs = GLOBS.flatMap((glob) => alternatives(glob));
    const paths = [...FILES, ...globs.flatMap((glob) => expandGlob(rootFs, glob))];
    const readings = [...new Set(paths)].map((path) => attempt(() => read(rootFs, path)));
    return {
      files: readings.flatMap((found) => (found && !isCouldNotRead(found) ? [found] : [])),
      unread: readings.filter(isCouldNotRead),
    };
  },
});

function alternatives(glob: string): string[] {
  const braces = /\{([^}]*)\}/.exec(glob);
  return braces ? (braces[1] ?? '').split(',').map((choice) => glob.replace(braces[0], choice)) : [glob];
}

function read(rootFs: RootFs, path: string): ScsiNames | undefined {
  const status = rootFs.stat(path);
  if (status?.type !== 'file' || status.size > LARGEST_SCRIPT) return undefined;
  const names = new Set<string>();
  const evidence: Evidence[] = [];
  for (const [index, text] of (rootFs.readText(path) ?? '').split('\n').entries()) {
    const found = /^\s*[#;]/.test(text) ? [] : [...text.matchAll(NAME)];
    if (found.length > 0) evidence.push({ path, line: index + 1, text });
    for (const [name] of found) names.add(name);
  }
  return names.size === 0 ? undefined : { path, names: [...names], evidence };
}
