import type { Evidence } from '../../engine/model.ts';
import type { AwaitedHostKey, FirstBootFailure, FirstBootOutcome, Prediction, Provisioner } from '../first-boot.ts';
import type { AgentDuty } from './agent-role.ts';
import type { Assessment } from './candidates.ts';

/** Everything that decides the first boot. */
export interface Situation {
  readonly agent: AgentDuty;
  readonly cloudInit: Assessment;
  readonly azureInit: Assessment;
  readonly ignition: Assessment;
  /** Undefined when nobody had to look. */
  readonly custom: Assessment | undefined;
  /** Set when the agent waits for cloud-init. */
  readonly hostKey: AwaitedHostKey | undefined;
  /** Where the agent looks for ovf-env.xml and where cloud-init writes it, when that differs. */
  readonly ovfElsewhere:
    | { readonly awaited: string; readonly written: string; readonly evidence: readonly Evidence[] }
    | undefined;
  /** The agent's marker that puts it to sleep once it has reported ready. */
  readonly sleepMarker: Evidence | undefined;
}

export const AGENT_DVD =
  'waagent reads the provisioning DVD, sets the host name, creates the administrator and makes host keys';
export const CLOUD_INIT_DVD =
  'cloud-init reads the provisioning DVD, sets the host name, creates the administrator and makes host keys';
export const AGENT_READY = 'waagent reports ready';
export const FAILED = 'after 30 minutes waagent reports ProvisioningFailed';

/** WALinuxAgent `daemon/main.py` daemon: the marker is looked at after provisioning, so it costs extensions only. */
export function sleep(marker: Evidence | undefined): readonly string[] {
  return marker ? [`waagent finds the marker ${marker.path} and sleeps: no extension ever runs`] : [];
}

export function cannotSay(reason: string): Prediction {
  return { provisioner: 'none', outcome: 'unknown', summary: `cannot be said: ${reason}`, steps: [], evidence: [] };
}

export function ready(
  provisioner: Provisioner,
  summary: string,
  steps: readonly string[],
  evidence: readonly Evidence[],
): Prediction {
  return { provisioner, outcome: 'ready', summary, steps, evidence: withoutRepeats(evidence) };
}

export function failed(
  failure: FirstBootFailure,
  outcome: FirstBootOutcome,
  summary: string,
  steps: readonly string[],
  evidence: readonly Evidence[],
): Prediction {
  return { failure, provisioner: 'none', outcome, summary, steps, evidence: withoutRepeats(evidence) };
}

/** The unit by which the agent asks for cloud-init is what starts cloud-init, too. */
function withoutRepeats(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...new Set(evidence)];
}
