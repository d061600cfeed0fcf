import type { AgentRole, FirstBootFailure, Prediction } from '../first-boot.ts';
import { CLOUD_INIT_DVD, cannotSay, failed, ready, type Situation, sleep } from './prediction.ts';

/** The agent does not provision: it is absent or dead, told not to, or believes that it is done. */
export function withoutAgent(situation: Situation): Prediction {
  const { agent, cloudInit, azureInit, ignition, custom, sleepMarker } = situation;
  const reports = agent.role === 'reports-ready-only' || agent.role === 'already-provisioned';
  const after = reports ? [`waagent ${agent.reason} and reports ready`, ...sleep(sleepMarker)] : [];
  if (cloudInit.works === undefined) return cannotSay(`cloud-init: ${cloudInit.obstacles.join('; ')}`);
  if (cloudInit.works) {
    const ending = reports ? ', waagent only reports ready' : ' and reports ready';
    const steps = [CLOUD_INIT_DVD, 'cloud-init reports ready', ...after];
    return ready('cloud-init', `cloud-init provisions from Azure${ending}`, steps, cloudInit.evidence);
  }
  if (azureInit.works) {
    const steps = ['azure-init sets the host name, creates the administrator and reports ready', ...after];
    return ready('azure-init', 'azure-init provisions and reports ready', steps, azureInit.evidence);
  }
  if (ignition.works) {
    const steps = ['Ignition applies its configuration', 'afterburn-checkin.service reports ready', ...after];
    return ready('ignition', 'Ignition configures the machine and afterburn reports ready', steps, ignition.evidence);
  }
  if (custom?.works) {
    const steps = [`${custom.name} speaks to the wire server; what else it does cannot be seen`, ...after];
    return ready('custom', `${custom.name}, a unit of the image's own, reports ready`, steps, custom.evidence);
  }
  const unseen = [azureInit, ignition, custom].flatMap((one) => (one && one.works === undefined ? [one] : []));
  if (unseen.length > 0) {
    return cannotSay(unseen.map(({ provisioner, obstacles }) => `${provisioner}: ${obstacles.join('; ')}`).join('; '));
  }
  const obstacles = [cloudInit, azureInit, ignition].flatMap((one) =>
    one.present ? one.obstacles.map((obstacle) => `${one.provisioner}: ${obstacle}`) : [],
  );
  const failure = failureOf(situation);
  const evidence = [...cloudInit.evidence, ...azureInit.evidence, ...ignition.evidence, ...agent.evidence];
  if (reports) {
    const summary = 'waagent reports ready but nothing is provisioned: no administrator';
    return failed(failure, 'ready-unprovisioned', summary, [...obstacles, ...after], evidence);
  }
  const steps = [...obstacles, `waagent ${agent.reason}`, 'after about 40 minutes Azure gives up'];
  return failed(failure, 'timeout', 'nobody reports to Azure: OSProvisioningTimedOut', steps, evidence);
}

const AGENT_FAILURES: { readonly [role in AgentRole]?: FirstBootFailure } = {
  'reports-ready-only': 'agent-told-not-to-provision',
  'already-provisioned': 'agent-already-provisioned',
  dead: 'agent-configuration-defect',
};

/** The nearest thing to a working provisioner carries the blame. */
function failureOf({ agent, cloudInit, azureInit, ignition }: Situation): FirstBootFailure {
  if (agent.roleWithoutMarker === 'provisions') return 'agent-already-provisioned';
  if (cloudInit.present) return 'cloud-init-cannot-run';
  if (azureInit.present || ignition.present || !agent.installed) return 'no-provisioner';
  return AGENT_FAILURES[agent.role] ?? 'agent-service-not-started';
}
