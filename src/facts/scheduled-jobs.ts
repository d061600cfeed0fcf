import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { packages } from './packages.ts';
import { type UnitFiles, unitFiles } from './unit-files.ts';

/** Something that runs by the clock and that no package brought. */
export interface ScheduledJob {
  readonly kind: 'crontab' | 'user-crontab' | 'cron-file' | 'timer';
  readonly name: string;
  readonly evidence: Evidence;
}

export interface ScheduledJobs {
  readonly unowned: readonly ScheduledJob[];
  /** How many jobs there are in all. */
  readonly count: number;
  readonly unread: readonly CouldNotRead[];
  /** Why the packages behind the files of `unowned` are not known. */
  readonly ownersUnread?: CouldNotRead;
}

const folders = ['cron.d', 'cron.hourly', 'cron.daily', 'cron.weekly', 'cron.monthly'];
const spools = ['/var/spool/cron', '/var/spool/cron/crontabs', '/var/spool/cron/tabs'];

/** Jobs of distributions, by which they are known where the package database does not tell. */
const usualJobs = new Set(
  '0hourly 0anacron .placeholder 00upgrade-from-initctl anacron apport apt-compat aptitude bsdmainutils btrfs-balance btrfs-defrag btrfs-scrub btrfs-trim clean_tmp cloud-init cracklib-runtime dailyjobs dpkg e2scrub_all exim4-base fstrim logrotate lvm2 makewhatis man-db man-db.cron mdadm mlocate mdcheck ntp osmon passwd plocate popularity-contest prelink raid-check rhsmd sysstat samba suse.de-backup-rc.config suse.de-backup-rpmdb suse.de-check-battery suse.de-snapper suse-clean_catman suse-do_mandb suse.de-cron-local tmpwatch unbound-anchor ubuntu-advantage-tools update-notifier-common zfsutils-linux'.split(
    ' ',
  ),
);

/** Cron jobs and timers that belong to no package of the image. */
export const scheduledJobs = defineFact<ScheduledJobs>({
  id: 'scheduled-jobs',
  description: 'Cron jobs, user crontabs and timers, and which of them no package owns.',
  reads: ['/etc/crontab', '/etc/cron.*/*', '/var/spool/cron/**', '/etc/systemd/system/*.timer'],
  async compute(context) {
    const { rootFs } = context;
    const { ownerOf, state } = await context.get(packages);
    const units = await context.get(unitFiles);
    const isOwned = (path: string): boolean => {
      const owner = attempt(() => ownerOf(path));
      // Without a database the name has to do.
      return (!isCouldNotRead(owner) && owner !== undefined) || usualJobs.has(path.slice(path.lastIndexOf('/') + 1));
    };
    const parts = [
      attempt(() => crontab(rootFs)),
      ...folders.map((name) => attempt(() => cronFiles(rootFs, `/etc/${name}`))),
      ...spools.map((path) => attempt(() => userCrontabs(rootFs, path))),
      attempt(() => timers(units, rootFs)),
    ];
    const jobs = parts.flatMap((part) => (isCouldNotRead(part) ? [] : part));
    return {
      unowned: jobs.filter(
        ({ kind, evidence }) => kind === 'crontab' || kind === 'user-crontab' || !isOwned(evidence.path),
      ),
      count: jobs.length,
      unread: parts.filter(isCouldNotRead),
      ...(isCouldNotRead(state) && { ownersUnread: state }),
    };
  },
});

/** Lines of /etc/crontab beyond those that run the folders. */
function crontab(rootFs: RootFs): readonly ScheduledJob[] {
  const path = '/etc/crontab';
  return (rootFs.readText(path) ?? '').split('\n').flatMap((raw, index): ScheduledJob[] => {
    const text = raw.trim();
    if (!/^(?:[\d*@])/.test(text) || /run-parts|run-crons|anacron/.test(text)) return [];
    // The command may hold a password, so the line is named and not shown.
    return [{ kind: 'crontab', name: path, evidence: { path, line: index + 1 } }];
  });
}

function cronFiles(rootFs: RootFs, folder: string): readonly ScheduledJob[] {
  return list(rootFs, folder, ['file', 'symlink']).map((name) => ({
    kind: 'cron-file',
    name: `${folder}/${name}`,
    evidence: { path: `${folder}/${name}` },
  }));
}

function userCrontabs(rootFs: RootFs, folder: string): readonly ScheduledJob[] {
  return list(rootFs, folder, ['file']).flatMap((name): ScheduledJob[] => {
    const path = `${folder}/${name}`;
    const line = (rootFs.readText(path) ?? '').split('\n').findIndex((text) => /^\s*[\d*@]/.test(text));
    return line < 0 ? [] : [{ kind: 'user-crontab', name, evidence: { path, line: line + 1 } }];
  });
}

/** Packages put timers below /usr/lib; links in /etc only enable them. */
function timers(units: UnitFiles, rootFs: RootFs): readonly ScheduledJob[] {
  return units.names
    .filter((name) => name.endsWith('.timer'))
    .flatMap((name): ScheduledJob[] => {
      const path = units.fragmentPath(name);
      if (!path?.startsWith('/etc/') || rootFs.lstat(path)?.type !== 'file' || rootFs.stat(path)?.size === 0) return [];
      return [{ kind: 'timer', name, evidence: { path } }];
    });
}

function list(rootFs: RootFs, folder: string, types: readonly string[]): readonly string[] {
  if (rootFs.stat(folder)?.type !== 'directory') return [];
  return (rootFs.readDir(folder) ?? [])
    .filter(({ name, type }) => types.includes(type) && name !== '.placeholder')
    .map(({ name }) => name);
}
