import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** Who sets the machine up. */
export type Provisioner = 'cloud-init' | 'waagent' | 'azure-init' | 'ignition' | 'custom' | 'none';

/** What becomes of the first boot of a VM made from the image. */
export type FirstBootOutcome =
  /** A provisioner sets the VM up and Azure hears that it is ready. */
  | 'ready'
  /** Ready is reported but nobody created the administrator. */
  | 'ready-unprovisioned'
  /** The agent waits for a cloud-init that never runs: half an hour, then failure. */
  | 'agent-waits'
  /** Two provisioners claim the VM: ProvisioningFailed. */
  | 'conflict'
  /** Nobody reports to Azure: OSProvisioningTimedOut. */
  | 'timeout'
  /** Specialized: the machine boots with what it has. */
  | 'boots-as-is'
  /** Cannot be said; see `reasons`. */
  | 'unknown';

export interface Prediction {
  readonly provisioner: Provisioner;
  readonly outcome: FirstBootOutcome;
  /** One sentence for the head of the report. */
  readonly summary: string;
  /** What happens in which order, one sentence each. */
  readonly steps: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** A provisioner that was found or looked for, and why it will not do the work. */
export interface Candidate {
  readonly provisioner: Exclude<Provisioner, 'none'>;
  readonly works: boolean;
  /** Why not; empty when it works. */
  readonly obstacles: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** What the agent's provisioning handler does, by its own table. */
export type AgentRole =
  /** No agent that runs. */
  | 'absent'
  /** Provisions from the DVD. */
  | 'provisions'
  /** Waits for cloud-init's ovf-env.xml and host key, then reports ready. */
  | 'waits-for-cloud-init'
  /** Reports ready and provisions nothing. */
  | 'reports-ready-only'
  /** Refuses because cloud-init is enabled too. */
  | 'conflict'
  /** Its `provisioned` marker makes it skip provisioning and report ready. */
  | 'already-provisioned'
  /** Sleeps for ever, or cannot load its configuration. */
  | 'dead';

export interface FirstBoot {
  /** When the VM is created from a generalized image, with a provisioning DVD and an administrator to create. */
  readonly generalized: Prediction;
  /** When the VM is created from a specialized image, with neither. */
  readonly specialized: Prediction;
  readonly candidates: readonly Candidate[];
  readonly agentRole: AgentRole;
  /** What could not be seen and may change the prediction. */
  readonly unread: readonly string[];
}

/** Joins agent, cloud-init, units, command line, markers and versions into what the first boot will be. */
export const firstBoot = defineFact<FirstBoot>({
  id: 'first-boot',
  description: 'Who provisions on first boot and how that ends, for a generalized and for a specialized image.',
  reads: ['/etc/waagent.conf', '/etc/cloud/**', '/etc/azure-init/**', '/usr/lib/systemd/system/**'],
  compute() {
    throw new Error('first-boot is not written yet');
  },
});
