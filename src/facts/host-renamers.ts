import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { cloudInit } from './cloud-init.ts';
import { unitFiles } from './unit-files.ts';

/** Something that gives a new machine its own host name at boot. */
export interface HostRenamer {
  readonly kind: 'cloud-init' | 'unit' | 'script';
  readonly evidence: Evidence;
}

export interface HostRenamers {
  readonly renamers: readonly HostRenamer[];
  readonly unread: readonly CouldNotRead[];
}

/** `hostnamectl set-hostname`, `hostnamectl hostname NAME`, a write to /etc/hostname, or hostname(1) with an argument. */
const renames =
  /\bhostnamectl\s+(?:--\S+\s+)*(?:set-hostname|hostname\s+\S)|>\s*\/etc\/hostname\b|\btee\s+(?:-\S+\s+)*\/etc\/hostname\b/;
/** Where administrators put units of their own; packages that rename do not exist among distributions' units. */
const unitDirectories = ['/etc/systemd/system', '/usr/local/lib/systemd/system'];
const localScripts = ['/etc/rc.local', '/etc/rc.d/rc.local'];
/** A first-boot script is short; a program of megabytes is none. */
const longestScript = 262_144;

/** Units, scripts and cloud-init settings that rename a machine at boot; a heuristic over administrators' own units. */
export const hostRenamers = defineFact<HostRenamers>({
  id: 'host-renamers',
  description: 'What gives a new machine its own host name at boot: cloud-init, a unit or a start-up script.',
  reads: [...unitDirectories.map((directory) => `${directory}/*.service`), ...localScripts],
  async compute(context) {
    const readings = [...(await fromCloudInit(context)), ...(await fromUnits(context)), ...fromScripts(context)];
    return {
      renamers: readings.flatMap((found) => (isCouldNotRead(found) || !found ? [] : [found])),
      unread: readings.filter(isCouldNotRead),
    };
  },
});

/** cloud-init's set_hostname module takes the name from the platform unless it must preserve the old one. */
async function fromCloudInit(context: FactContext): Promise<readonly (HostRenamer | CouldNotRead)[]> {
  const { installed, obstacles, config, localStage } = await context.get(cloudInit);
  if (!installed || obstacles.length > 0 || config.bool('preserve_hostname', false)) return [];
  if (config.unread.length > 0) return config.unread;
  return [{ kind: 'cloud-init', evidence: localStage.evidence[0] ?? { path: '/etc/cloud/cloud.cfg' } }];
}

async function fromUnits(context: FactContext): Promise<(HostRenamer | CouldNotRead | undefined)[]> {
  const units = await context.get(unitFiles);
  return unitDirectories.flatMap((directory) => {
    const entries = attempt(() => context.rootFs.readDir(directory) ?? []);
    if (isCouldNotRead(entries)) return [entries];
    const services = entries.filter(({ name, type }) => type === 'file' && name.endsWith('.service'));
    return services.map(({ name }) =>
      attempt(() => fromUnit(context.rootFs, units.state(name).startsAtBoot, units.settings(name))),
    );
  });
}

function fromUnit(
  rootFs: FactContext['rootFs'],
  startsAtBoot: boolean,
  settings: readonly { readonly key: string; readonly value: string; readonly evidence: Evidence }[],
): HostRenamer | undefined {
  if (!startsAtBoot) return undefined;
  const commands = settings.filter(({ key }) => /^Exec(?:Start|StartPre|StartPost)$/.test(key));
  const renaming = commands.find(
    ({ value }) => renames.test(value) || programsIn(value).some((path) => scriptRenames(rootFs, path)),
  );
  return renaming && { kind: 'unit', evidence: renaming.evidence };
}

function fromScripts({ rootFs }: FactContext): (HostRenamer | CouldNotRead | undefined)[] {
  return localScripts.map((path) =>
    attempt(() => {
      const isExecutable = ((rootFs.stat(path)?.mode ?? 0) & 0o111) !== 0;
      return isExecutable && scriptRenames(rootFs, path) ? { kind: 'script' as const, evidence: { path } } : undefined;
    }),
  );
}

/** Absolute paths in a command line: the program, or the script that an interpreter runs. */
function programsIn(command: string): readonly string[] {
  return command
    .split(/\s+/)
    .map((word) => word.replace(/^[-@:+!|]+/, ''))
    .filter((word) => word.startsWith('/'));
}

function scriptRenames(rootFs: FactContext['rootFs'], path: string): boolean {
  const status = rootFs.stat(path);
  if (status?.type !== 'file' || status.size > longestScript) return false;
  const text = rootFs.readText(path) ?? '';
  return text.startsWith('#!') && renames.test(text.replace(/^\s*#.*$/gm, ''));
}
