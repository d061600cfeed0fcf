import type { Prediction } from '../first-boot.ts';
import { withoutAgent } from './predict-without-agent.ts';
import {
  AGENT_DVD,
  AGENT_READY,
  CLOUD_INIT_DVD,
  cannotSay,
  FAILED,
  failed,
  ready,
  type Situation,
  sleep,
} from './prediction.ts';

/** With a provisioning DVD and an administrator to create. */
export function predictGeneralized(situation: Situation): Prediction {
  switch (situation.agent.role) {
    case 'unknown':
      return cannotSay(`waagent ${situation.agent.reason}`);
    case 'conflict':
      return conflict(situation);
    case 'waits-for-cloud-init':
      return agentWaits(situation);
    case 'provisions':
      return agentProvisions(situation);
    case 'absent':
    case 'dead':
    case 'reports-ready-only':
    case 'already-provisioned':
      return withoutAgent(situation);
  }
}

/** Without either: the platform does not even wait for a report. */
export function predictSpecialized({ agent, cloudInit }: Situation): Prediction {
  const steps = ['the machine boots with its own accounts, host keys and host name'];
  if (cloudInit.works) {
    steps.push('cloud-init sees a new instance id and repeats its once-per-instance work, such as making host keys');
  }
  if (agent.role === 'provisions') {
    steps.push('waagent looks for a provisioning DVD that is not there, gives up and goes on with extensions');
  } else if (agent.role === 'waits-for-cloud-init' && !cloudInit.works) {
    steps.push('waagent waits 30 minutes for cloud-init, gives up and goes on with extensions');
  }
  const { evidence } = agent;
  return { provisioner: 'none', outcome: 'boots-as-is', summary: 'the machine boots as it is', steps, evidence };
}

function conflict({ agent, cloudInit, sleepMarker }: Situation): Prediction {
  const first = cloudInit.works ? CLOUD_INIT_DVD : 'cloud-init is enabled but will not provision';
  const steps = [first, `waagent ${agent.reason}`, 'waagent reports ProvisioningFailed', ...sleep(sleepMarker)];
  const summary = cloudInit.works
    ? 'cloud-init and waagent both claim the machine: ProvisioningFailed'
    : 'waagent refuses to provision beside an enabled cloud-init, which will not run: ProvisioningFailed';
  return failed('two-provisioners', 'conflict', summary, steps, agent.evidence);
}

function agentWaits({ agent, cloudInit, hostKey, ovfElsewhere, sleepMarker }: Situation): Prediction {
  const { evidence } = agent;
  if (cloudInit.works === undefined) return cannotSay(`cloud-init: ${cloudInit.obstacles.join('; ')}`);
  if (!cloudInit.works) {
    const failure = cloudInit.present ? 'cloud-init-cannot-run' : 'cloud-init-not-installed';
    const why = cloudInit.present ? 'will not run' : 'is not installed';
    const obstacles = cloudInit.obstacles.map((obstacle) => `cloud-init: ${obstacle}`);
    const summary = `waagent waits 30 minutes for a cloud-init that ${why}: provisioning fails`;
    const steps = [`waagent ${agent.reason}`, ...obstacles, FAILED];
    return failed(failure, 'agent-waits', summary, steps, [...evidence, ...cloudInit.evidence]);
  }
  if (ovfElsewhere) {
    const { awaited, written } = ovfElsewhere;
    const summary = `waagent waits 30 minutes for ovf-env.xml in ${awaited}, which cloud-init writes to ${written}: provisioning fails`;
    return failed('ovf-env-elsewhere', 'agent-waits', summary, [CLOUD_INIT_DVD, FAILED], ovfElsewhere.evidence);
  }
  if (hostKey?.created === undefined) return cannotSay(`host key for waagent: ${hostKey?.reason}`);
  if (!hostKey.created) {
    const summary = `cloud-init provisions, but waagent waits 30 minutes for ${hostKey.path}, which nothing makes: provisioning fails`;
    const steps = [CLOUD_INIT_DVD, hostKey.reason, FAILED];
    return failed('host-key-not-made', 'agent-waits', summary, steps, hostKey.evidence);
  }
  const wait = `waagent waits for ovf-env.xml and ${hostKey.path}`;
  const summary = 'cloud-init provisions from Azure, waagent waits for it and reports ready';
  const steps = [CLOUD_INIT_DVD, wait, AGENT_READY, ...sleep(sleepMarker)];
  return ready('cloud-init', summary, steps, [...evidence, ...cloudInit.evidence]);
}

function agentProvisions({ agent, cloudInit, ignition, sleepMarker }: Situation): Prediction {
  const { evidence } = agent;
  if (cloudInit.works === undefined) return cannotSay(`cloud-init: ${cloudInit.obstacles.join('; ')}`);
  if (cloudInit.works) {
    const second = 'waagent meets a running cloud-init or an ejected DVD and reports ProvisioningFailed';
    const summary = 'cloud-init and waagent both claim the machine: ProvisioningFailed';
    const both = [...evidence, ...cloudInit.evidence];
    return failed('two-provisioners', 'conflict', summary, [CLOUD_INIT_DVD, second], both);
  }
  if (ignition.works) {
    const summary = 'Ignition configures the machine, waagent creates the administrator and reports ready';
    return ready('ignition', summary, ['Ignition applies its configuration', AGENT_DVD, AGENT_READY], evidence);
  }
  if (agent.markerUnread !== undefined) return cannotSay(agent.markerUnread);
  const summary = 'waagent provisions from the DVD and reports ready';
  return ready('waagent', summary, [AGENT_DVD, AGENT_READY, ...sleep(sleepMarker)], evidence);
}
