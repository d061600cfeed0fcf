import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import type { UnitState } from './unit-files.ts';

/** A value of waagent.conf as the agent's getter returns it. */
export interface AgentSetting<T> {
  readonly value: T;
  /** The line that sets it; undefined when the code default applies. */
  readonly evidence?: Evidence;
  /** The text on the line, when the getter threw it away and took the default. */
  readonly rejected?: string;
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
  /** The `waagent` program; absent on Flatcar, where a system extension brings it. */
  readonly executable?: Evidence;
  /** `AGENT_VERSION` of the Python package, else the package manager's upstream version. */
  readonly version?: { readonly text: string; readonly evidence: Evidence };
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
  /** `Lib.Dir/disable_agent`, with which the agent sleeps for ever. */
  readonly disableMarker?: Evidence;
  /** `Lib.Dir/provisioned`, with which the agent skips provisioning. */
  readonly provisionedMarker?: Evidence;
  /** True when the agent comes in a system extension whose content cannot be seen. */
  readonly inSystemExtension: boolean;
}

/** The Azure Linux Agent: program, version, configuration, service and markers. */
export const agent = defineFact<Agent>({
  id: 'agent',
  description: 'The Azure Linux Agent: program, version, waagent.conf as the agent reads it, service and markers.',
  reads: ['/etc/waagent.conf', '/usr/{sbin,bin}/waagent', '/var/lib/waagent/{disable_agent,provisioned}'],
  compute() {
    throw new Error('agent is not written yet');
  },
});
