import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { compareVersions } from '../formats/version-order.ts';
import { waagentStrings } from '../formats/waagent-keys.ts';
import type { WaagentOddity } from '../formats/waagent-oddities.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { readConfiguration } from './agent/configuration.ts';
import { configurationPath, findExecutable, systemExtension } from './agent/location.ts';
import { agentVersion, hasAgentPackage } from './agent/version.ts';
import { type Distribution, distribution } from './distribution.ts';
import { type UnitFiles, type UnitState, unitFiles } from './unit-files.ts';

/** A value of waagent.conf as the agent's getter returns it. */
export interface AgentSetting<T> {
  readonly value: T;
  /** The line that sets it; undefined when the code default applies. */
  readonly evidence?: Evidence;
  /** The text on the line, when the getter threw it away and took the default. */
  readonly rejected?: string;
}

/** A line that sets nothing that the agent reads (`lost`), or a text other than it seems to (`altered`). */
export interface AgentConfigurationProblem {
  readonly effect: 'lost' | 'altered';
  /** The key that was meant. */
  readonly key: string;
  readonly message: string;
  readonly evidence: Evidence;
}

/** A value that is no switch or no number, so that the agent takes its default without a word. */
export interface RejectedValue {
  readonly key: string;
  readonly written: string;
  /** `misread`: a good number that the agent reads as a switch by mistake. */
  readonly kind: 'switch' | 'number' | 'misread';
  /** What the agent takes instead: `y`, `n`, a number, or undefined for nothing. */
  readonly taken: string | undefined;
  /** A reader would take the text for what the agent takes: `yes` where the default is y. */
  readonly meansTheSame: boolean;
  readonly evidence: Evidence;
}

export interface AgentConfigurationOddity {
  readonly kind: WaagentOddity['kind'];
  readonly message: string;
  readonly evidence: Evidence;
}

export interface UnknownKey {
  readonly key: string;
  /** A key that the agent knows and that is written nearly so. */
  readonly resembles?: string;
  readonly evidence: Evidence;
}

/** waagent.conf through the agent's eyes. */
export interface AgentConfiguration {
  readonly path: string;
  /** Raw value as written after the agent's own stripping; undefined when missing or `None`. */
  text(key: string): string | undefined;
  /** `conf.get_switch`: `y` or `n`, else the code default. */
  switch(key: string): AgentSetting<boolean>;
  /** `conf.get`. */
  string(key: string): AgentSetting<string | undefined>;
  /** `conf.get_int`. */
  int(key: string): AgentSetting<number | undefined>;
  /** Every key that is set, last line of each, in file order. */
  readonly assignments: readonly { readonly key: string; readonly value: string; readonly evidence: Evidence }[];
  readonly rejected: readonly RejectedValue[];
  /** Of known keys only; what `rejected` tells is left out. */
  readonly problems: readonly AgentConfigurationProblem[];
  /** Lines that the agent takes in silence and that may not mean what they look like; with the other two lists they overlap. */
  readonly oddities: readonly AgentConfigurationOddity[];
  /** Keys in force that no agent has ever read. */
  readonly unknownKeys: readonly UnknownKey[];
}

/** What keeps the agent from loading its configuration. */
export interface AgentConfigurationDefect {
  readonly path: string;
  readonly defect: 'missing' | 'empty' | 'not-utf8';
  /** Byte offset of the first invalid byte for `not-utf8`. */
  readonly offset?: number;
}

export interface Agent {
  /** False when neither program nor package is in the image. */
  readonly installed: boolean;
  /** The `waagent` program; on Flatcar the system extension that brings it, if it is in the image. */
  readonly executable?: Evidence;
  /** `AGENT_VERSION` of the Python package, else the package manager's upstream version. */
  readonly version?: { readonly text: string; readonly evidence: Evidence };
  /** Why the version is not known, so that `legacyProvisioning` is a guess. */
  readonly versionUnread?: CouldNotRead;
  /**
   * Agents up to 2.2.44 decide by `Provisioning.Enabled` and `Provisioning.UseCloudInit`; later ones by
   * `Provisioning.Agent`. An unknown version counts as later.
   */
  readonly legacyProvisioning: boolean;
  /** Parsed, or why the agent could not parse it, or why this scan could not. */
  readonly configuration: AgentConfiguration | AgentConfigurationDefect | CouldNotRead;
  /** waagent.service or walinuxagent.service, whichever is in the image (the one that starts, if both). */
  readonly service: UnitState;
  /** `Lib.Dir`, default /var/lib/waagent. */
  readonly libDir: string;
  /** `OS.SshDir`, default /etc/ssh. */
  readonly sshDir: string;
  /** `Extension.LogDir`, default /var/log/azure. */
  readonly extensionLogDir: string;
  /** `Lib.Dir/disable_agent`, with which the agent sleeps for ever once it has provisioned and reported. */
  readonly disableMarker?: Evidence;
  /** `Lib.Dir/provisioned`, with which the agent skips provisioning. */
  readonly provisionedMarker?: Evidence;
  /** Set when nobody can say whether the markers are there: `Lib.Dir`, or the configuration that names it, is closed to the scanner. */
  readonly markersUnread?: CouldNotRead;
  /** True when the agent comes in a system extension whose content cannot be seen. */
  readonly inSystemExtension: boolean;
}

/** The Azure Linux Agent: program, version, configuration, service and markers. */
export const agent = defineFact<Agent>({
  id: 'agent',
  description: 'The Azure Linux Agent: program, version, waagent.conf as the agent reads it, service and markers.',
  reads: [
    '/etc/waagent.conf',
    '/usr/{sbin,bin}/waagent',
    '/usr/lib/python3*/*-packages/azurelinuxagent/common/version.py',
    '/var/lib/waagent/{disable_agent,provisioned}',
  ],
  async compute(context) {
    const { rootFs } = context;
    const system = await context.get(distribution);
    const units = await context.get(unitFiles);

    const executable = findExecutable(rootFs);
    const extension = executable ? undefined : systemExtension(rootFs, system);
    const inSystemExtension = extension !== undefined;
    const installed = executable !== undefined || hasAgentPackage(rootFs) || extension?.seen !== undefined;
    const found = installed && !inSystemExtension ? attempt(() => agentVersion(rootFs)) : undefined;
    const version = isCouldNotRead(found) ? undefined : found;
    const legacyProvisioning = version !== undefined && compareVersions(version.text, '2.2.45') < 0;

    const service = serviceState(units, system);
    const configuration = attempt(() => {
      const path = configurationPath(rootFs, units.settings(service.name), system);
      return readConfiguration(path, rootFs.readBytes(path), legacyProvisioning);
    });
    const libDir = directorySetting(configuration, 'Lib.Dir');
    const markers = attempt(() => {
      // Lib.Dir stands in the configuration: without it the default directory would be a guess.
      if (isCouldNotRead(configuration)) throw configuration;
      return { disabled: rootFs.stat(`${libDir}/disable_agent`), provisioned: rootFs.stat(`${libDir}/provisioned`) };
    });
    return {
      installed,
      ...(executable && { executable }),
      ...(extension?.seen && { executable: extension.seen }),
      ...(version && { version }),
      ...(isCouldNotRead(found) && { versionUnread: found }),
      legacyProvisioning,
      configuration,
      service,
      libDir,
      sshDir: directorySetting(configuration, 'OS.SshDir'),
      extensionLogDir: directorySetting(configuration, 'Extension.LogDir'),
      ...(isCouldNotRead(markers)
        ? { markersUnread: markers }
        : {
            ...(markers.disabled && { disableMarker: { path: `${libDir}/disable_agent` } }),
            // The agent asks `isfile` for this one, `exists` for the other.
            ...(markers.provisioned?.type === 'file' && { provisionedMarker: { path: `${libDir}/provisioned` } }),
          }),
      inSystemExtension,
    };
  },
});

/** Debian and Ubuntu name the service walinuxagent, everybody else waagent, and either name may be found on either. */
function serviceState(units: UnitFiles, system: Distribution | undefined): UnitState {
  const names = ['waagent.service', 'walinuxagent.service'];
  if (system?.family === 'debian' || system?.family === 'ubuntu') names.reverse();
  const states = names.map((name) => units.state(name));
  return (
    states.find(({ startsAtBoot }) => startsAtBoot) ??
    states.find(({ state }) => state !== 'absent') ??
    units.state(names[0] ?? 'waagent.service')
  );
}

/** Value of a directory key; the agent takes relative ones from its working directory, which is the root. */
function directorySetting(configuration: Agent['configuration'], key: string): string {
  const value = 'string' in configuration ? configuration.string(key).value : waagentStrings.get(key);
  return `/${value ?? ''}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}
