import type { Evidence } from '../../engine/model.ts';
import { isCouldNotRead } from '../../image/could-not-read.ts';
import type { Agent, AgentConfiguration } from '../agent.ts';
import type { CloudInit } from '../cloud-init.ts';
import type { AgentRole } from '../first-boot.ts';

export interface AgentDuty {
  /** Whether the image holds an agent, running or not. */
  readonly installed: boolean;
  readonly role: AgentRole;
  /** What it would do without its `provisioned` marker; set with the role `already-provisioned`. */
  readonly roleWithoutMarker?: AgentRole;
  /** Why, as a clause that completes "waagent …". */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** Why nobody can say whether the `provisioned` marker is there, where that would change the role. */
  readonly markerUnread?: string;
}

/**
 * What the agent's provisioning handler does on first boot: WALinuxAgent `pa/provision/factory.py`
 * get_provision_handler, `default.py` ProvisionHandler.run and `cloudinit.py` CloudInitProvisionHandler.run.
 */
export function agentDuty(agent: Agent, cloudInit: CloudInit): AgentDuty {
  return { installed: agent.installed || agent.inSystemExtension, ...dutyOf(agent, cloudInit) };
}

type Duty = Omit<AgentDuty, 'installed'>;

function dutyOf(agent: Agent, cloudInit: CloudInit): Duty {
  const service = agent.service.evidence;
  if (agent.inSystemExtension) {
    // Flatcar builds this extension itself and always with Provisioning.Agent=waagent.
    return agent.installed
      ? { role: 'provisions', reason: 'comes in the system extension oem-azure', evidence: executable(agent) }
      : { role: 'unknown', reason: 'comes with the OEM partition, which is not part of the target', evidence: [] };
  }
  if (!agent.installed) return { role: 'absent', reason: 'is not installed', evidence: [] };
  if (!agent.service.startsAtBoot) {
    const state = agent.service.state === 'absent' ? 'has no service' : `has a service that is ${agent.service.state}`;
    return { role: 'absent', reason: state, evidence: service };
  }
  const configuration = agent.configuration;
  if (isCouldNotRead(configuration)) {
    return {
      role: 'unknown',
      reason: `is configured by a file that could not be read (${configuration.message})`,
      evidence: [],
    };
  }
  if ('defect' in configuration) {
    const defects = { missing: 'is missing', empty: 'is empty', 'not-utf8': 'is not UTF-8' };
    const reason = `cannot start because ${configuration.path} ${defects[configuration.defect]}`;
    return { role: 'dead', reason, evidence: [{ path: configuration.path }] };
  }
  const configured = agent.legacyProvisioning
    ? legacyDuty(configuration)
    : duty(configuration, cloudInit.enabledForAgent, cloudInit.localStage.evidence);
  const { markersUnread } = agent;
  const plain = { ...withService(configured, service), ...(markersUnread && { markerUnread: markersUnread.message }) };
  if (configured.role === 'reports-ready-only' || !agent.provisionedMarker) return plain;
  // The marker is asked for before everything but "provisioning is switched off".
  const reason = `finds the marker ${agent.provisionedMarker.path} and skips provisioning`;
  return {
    role: 'already-provisioned',
    roleWithoutMarker: configured.role,
    reason,
    evidence: [agent.provisionedMarker],
  };
}

function duty(configuration: AgentConfiguration, cloudInitEnabled: boolean, stage: readonly Evidence[]): Duty {
  const setting = configuration.string('Provisioning.Agent');
  const value = setting.value ?? 'auto';
  const line = setting.evidence ? [setting.evidence] : [];
  const evidence = [...line, ...stage];
  switch (value) {
    case 'cloud-init':
      return { role: 'waits-for-cloud-init', reason: 'is told to wait for cloud-init', evidence: line };
    case 'auto':
      return cloudInitEnabled
        ? { role: 'waits-for-cloud-init', reason: 'sees that cloud-init is enabled and waits for it', evidence }
        : { role: 'provisions', reason: 'sees that cloud-init is not enabled and provisions', evidence };
    case 'waagent':
      return cloudInitEnabled
        ? { role: 'conflict', reason: 'is told to provision and refuses because cloud-init is enabled', evidence }
        : { role: 'provisions', reason: 'is told to provision', evidence: line };
    default:
      return {
        role: 'reports-ready-only',
        reason: `is told not to provision by Provisioning.Agent=${value}`,
        evidence: line,
      };
  }
}

/** Up to 2.2.44: `conf.get_provision_enabled` (default y) wins over `get_provision_cloudinit` (default n). */
function legacyDuty(configuration: AgentConfiguration): Duty {
  const enabled = legacySwitch(configuration, 'Provisioning.Enabled', true);
  const useCloudInit = legacySwitch(configuration, 'Provisioning.UseCloudInit', false);
  if (enabled.value) {
    return { role: 'provisions', reason: 'provisions because Provisioning.Enabled is y', evidence: enabled.evidence };
  }
  const evidence = [...enabled.evidence, ...useCloudInit.evidence];
  return useCloudInit.value
    ? { role: 'waits-for-cloud-init', reason: 'waits for cloud-init because of Provisioning.UseCloudInit=y', evidence }
    : { role: 'reports-ready-only', reason: 'is told not to provision by Provisioning.Enabled=n', evidence };
}

function legacySwitch(configuration: AgentConfiguration, key: string, fallback: boolean) {
  const assignment = configuration.assignments.findLast((candidate) => candidate.key === key);
  const value = assignment?.value.toLowerCase();
  return {
    value: value === 'y' ? true : value === 'n' ? false : fallback,
    evidence: assignment ? [assignment.evidence] : [],
  };
}

function withService(found: Duty, service: readonly Evidence[]): Duty {
  return { ...found, evidence: found.evidence.length > 0 ? found.evidence : service };
}

function executable(agent: Agent): readonly Evidence[] {
  return agent.executable ? [agent.executable] : [];
}
