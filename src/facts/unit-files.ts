import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { machineId } from './machine-id.ts';
import { aliasesByTarget, bootLinks, isBootTarget, linksTo } from './unit-files/boot-links.ts';
import { once, openUnitDirectories, type UnitDirectories } from './unit-files/directories.ts';
import { dropInFiles, dropInGroups } from './unit-files/drop-ins.ts';
import { findInitScript } from './unit-files/init-scripts.ts';
import { findFragment, type InstallState, installState } from './unit-files/install-state.ts';
import { type PresetDecision, readPresets } from './unit-files/presets.ts';
import { mergeSettings } from './unit-files/settings.ts';
import { unitNameShape } from './unit-files/unit-name.ts';

/** Words of `systemctl is-enabled`; `absent` for what it calls not-found, `bad` where it gives an error instead. */
export type UnitFileState =
  | 'enabled'
  | 'enabled-runtime'
  | 'linked'
  | 'linked-runtime'
  | 'alias'
  | 'masked'
  | 'masked-runtime'
  | 'static'
  | 'indirect'
  | 'disabled'
  | 'generated'
  | 'bad'
  | 'absent';

/** What the image says about one unit. */
export interface UnitState {
  readonly name: string;
  /** As `systemctl --root=IMAGE is-enabled NAME` prints it. */
  readonly state: UnitFileState;
  /**
   * Whether a boot of this image starts it: a wants, requires or upholds link, an `Upholds=` drop-in, an alias of such a
   * unit, a preset that runs on first boot, an init script of SysV, upstart or OpenRC.
   */
  readonly startsAtBoot: boolean;
  /** Enabled only by a preset, which runs when /etc/machine-id is missing or says `uninitialized`. */
  readonly onlyByPreset: boolean;
  /** The fragment, link, preset line or init script that decides. */
  readonly evidence: readonly Evidence[];
  /** Path of the unit file that wins, links not followed; undefined when absent. */
  readonly fragmentPath?: string;
}

/** One `Key=value` after drop-ins and resets, in order. */
export interface UnitSetting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

export interface UnitFiles {
  /** State of a unit by full name, `ssh.service`; for template instances `name@instance.service`. */
  state(name: string): UnitState;
  /** Path of the unit file that wins, links not followed; undefined when absent. Costs next to nothing. */
  fragmentPath(name: string): string | undefined;
  /** Settings of the unit with drop-ins applied; empty when absent or masked. */
  settings(name: string): readonly UnitSetting[];
  /** Full names of all units that have a fragment in the image, sorted. */
  readonly names: readonly string[];
  /** True when /etc/machine-id makes the next boot a first boot for systemd (missing or `uninitialized`). */
  readonly presetsRun: boolean;
}

/** systemd's view of the image at rest, and SysV, upstart and OpenRC scripts where there is no unit. */
export const unitFiles = defineFact<UnitFiles>({
  id: 'unit-files',
  description:
    'State of every systemd unit (links, masks, aliases, drop-ins, presets) and of init scripts of older systems.',
  reads: [
    '/{etc,run,usr/local/lib,usr/lib,lib}/systemd/system/**',
    '/{etc,run,usr/local/lib,usr/lib,lib}/systemd/system-preset/*.preset',
    '/etc/machine-id',
    '/etc/{init.d,init,rc?.d,runlevels}/**',
  ],
  async compute(context) {
    const { rootFs } = context;
    const directories = openUnitDirectories(rootFs);
    const machine = (await context.get(machineId)).etc.state;
    return describeUnits(directories, machine === 'absent' || machine === 'uninitialized');
  },
});

function describeUnits(directories: UnitDirectories, presetsRun: boolean): UnitFiles {
  const { rootFs } = directories;
  const links = once(() => bootLinks(directories));
  const aliases = once(() => aliasesByTarget(directories));
  const preset = once(() => readPresets(rootFs));
  const states = new Map<string, UnitState>();

  const namesOf = (name: string) => [name, ...(aliases().get(name) ?? [])];
  const state = (name: string): UnitState => {
    const known = states.get(name);
    if (known) return known;
    const described = describe(name);
    states.set(name, described);
    return described;
  };

  const describe = (name: string): UnitState => {
    const found = installState(directories, name);
    const { fragmentPath } = found;
    const fragment: Evidence[] = fragmentPath === undefined ? [] : [describeFile(rootFs, fragmentPath)];
    const base = { name, state: found.state, ...(fragmentPath !== undefined && { fragmentPath }) };
    const idle = { startsAtBoot: false, onlyByPreset: false };
    // Provisional, so that units that want each other do not ask for ever.
    states.set(name, { ...base, ...idle, evidence: fragment });
    if (found.state === 'absent') return describeScript(name, rootFs) ?? { ...base, ...idle, evidence: fragment };
    if (isDead(found)) return { ...base, ...idle, evidence: fragment };

    const starting = linksTo(directories, links(), namesOf(found.name)).find(({ from }) => startsAtBoot(from));
    if (starting) {
      return { ...base, startsAtBoot: true, onlyByPreset: false, evidence: [starting.evidence, ...fragment] };
    }
    const enabling = presetsRun && found.state !== 'static' ? presetFor(found, preset()) : undefined;
    if (enabling && found.install.wantedBy.some(startsAtBoot)) {
      return {
        ...base,
        startsAtBoot: true,
        onlyByPreset: true,
        evidence: [...toArray(enabling.evidence), ...fragment],
      };
    }
    const enabledBy = found.enabledBy === undefined ? [] : [describeFile(rootFs, found.enabledBy)];
    return { ...base, ...idle, evidence: [...enabledBy, ...fragment] };
  };

  /** A target counts as reached; another unit that wants something has to start itself. */
  const startsAtBoot = (name: string): boolean => {
    if (/\.(?:target|device|mount|swap)$/.test(name)) return isBootTarget(name);
    return state(name).startsAtBoot;
  };

  const settings = (name: string): readonly UnitSetting[] => {
    const found = installState(directories, name);
    const fragment = found.targetPath ?? found.fragmentPath;
    if (fragment === undefined || found.state === 'absent' || isDead(found)) return [];
    const dropIns = dropInFiles(directories, dropInGroups(found.name, aliases().get(found.name) ?? []));
    return mergeSettings(directories, [fragment, ...dropIns]);
  };

  const fragmentPath = (name: string) => findFragment(directories, name);
  return { state, fragmentPath, settings, names: unitNames(directories), presetsRun };
}

/** Masked, or in such a state that the manager cannot load it either. */
function isDead(found: InstallState): boolean {
  return found.state.startsWith('masked') || (found.state === 'bad' && found.targetPath === undefined);
}

/** What a preset would enable on first boot; undefined when it leaves the unit alone. */
function presetFor(found: InstallState, query: (name: string) => PresetDecision): PresetDecision | undefined {
  const decision = query(found.name);
  if (decision.action !== 'enable') return undefined;
  // A template needs instances, its own default or the preset's.
  const isTemplate = unitNameShape(found.name) === 'template';
  return isTemplate && !found.install.defaultInstance && !decision.instances ? undefined : decision;
}

function describeScript(name: string, rootFs: RootFs): UnitState | undefined {
  const script = name.endsWith('.service') ? findInitScript(rootFs, name.slice(0, -'.service'.length)) : undefined;
  if (!script) return undefined;
  const { path, startedBy } = script;
  return {
    name,
    state: startedBy ? 'enabled' : 'disabled',
    startsAtBoot: startedBy !== undefined,
    onlyByPreset: false,
    evidence: [...toArray(startedBy), { path }],
  };
}

function unitNames(directories: UnitDirectories): string[] {
  const names = directories.paths.flatMap((path) =>
    [...directories.list(path)].filter(([, type]) => type === 'file' || type === 'symlink').map(([name]) => name),
  );
  return [...new Set(names)].filter((name) => unitNameShape(name) !== undefined).sort();
}

function describeFile(rootFs: RootFs, path: string): Evidence {
  const link = rootFs.readLink(path);
  return link === undefined ? { path } : { path, text: `-> ${link}` };
}

function toArray(evidence: Evidence | undefined): Evidence[] {
  return evidence ? [evidence] : [];
}
