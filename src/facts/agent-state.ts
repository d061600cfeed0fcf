import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { agent } from './agent.ts';
import { type AgentStateFile, extensionsIn, logFiles, stateFiles, type VmExtension } from './agent-state/files.ts';
import { type MonitoringAgent, monitoringAgents } from './agent-state/monitoring.ts';
import { type AgentUnit, agentUnits } from './agent-state/units.ts';
import { unitFiles } from './unit-files.ts';

export type { AgentStateFile, AgentUnit, MonitoringAgent, VmExtension };

/** What a run of the agent, of its extensions or of azure-init left behind. */
export interface AgentState {
  /**
   * `Lib.Dir`, `Extension.LogDir`, the agent's log and azure-init's markers, without the markers that the fact `agent`
   * tells, extensions, units, empty directories and a pre-staged agent.
   */
  readonly files: readonly AgentStateFile[];
  /** Extension folders and packages in `Lib.Dir`. */
  readonly extensions: readonly VmExtension[];
  /** Units and drop-ins that a running agent writes; those of a package do not count. */
  readonly units: readonly AgentUnit[];
  /** Monitoring and management agents that extensions install. */
  readonly monitoring: readonly MonitoringAgent[];
  /** Agent versions laid down in `Lib.Dir` ahead of time or by self-update: WALinuxAgent-*. */
  readonly stagedAgents: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

/** State of the VM that the image was made from, as far as the agent and its extensions keep it. */
export const agentState = defineFact<AgentState>({
  id: 'agent-state',
  description: 'Certificates, goal state, extensions, logs and units that a run of the agent left in the image.',
  reads: [
    '/var/lib/waagent/*',
    '/var/log/azure/*',
    '/var/log/waagent.log*',
    '/var/lib/azure-init/*',
    '/{etc,usr/lib,lib}/systemd/system/*',
  ],
  async compute(context) {
    const { rootFs } = context;
    const { configuration, libDir, extensionLogDir } = await context.get(agent);
    const units = await context.get(unitFiles);
    // Without the configuration the directories looked into are only the default ones.
    const unread: CouldNotRead[] = isCouldNotRead(configuration) ? [configuration] : [];
    function all<T>(read: () => readonly T[]): readonly T[] {
      const found = attempt(read);
      if (!isCouldNotRead(found)) return found;
      if (!unread.some(({ message }) => message === found.message)) unread.push(found);
      return [];
    }
    const inLibDir = all(() => rootFs.readDir(libDir) ?? []);
    return {
      files: [...all(() => stateFiles(rootFs, libDir, inLibDir)), ...logFiles(rootFs, extensionLogDir, all)],
      extensions: inLibDir.flatMap((entry) => all(() => extensionsIn(rootFs, libDir, entry))),
      units: all(() => agentUnits(rootFs, libDir)),
      monitoring: all(() => monitoringAgents(rootFs, units)),
      stagedAgents: inLibDir
        .filter(({ name }) => name.startsWith('WALinuxAgent-'))
        .map(({ name }) => ({ path: `${libDir}/${name}` })),
      unread,
    };
  },
});
