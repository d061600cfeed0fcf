import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type Agent, agent } from './agent.ts';
import { type CloudInit, cloudInit } from './cloud-init.ts';
import { agentDuty } from './first-boot/agent-role.ts';
import {
  assessAgent,
  assessAzureInit,
  assessCloudInit,
  assessCustom,
  assessIgnition,
  ignitionWithAgentExtension,
  toCandidate,
} from './first-boot/candidates.ts';
import { chosenProvisioner } from './first-boot/chosen.ts';
import { awaitedHostKey } from './first-boot/host-key.ts';
import { predictGeneralized, predictSpecialized } from './first-boot/predict.ts';
import type { Situation } from './first-boot/prediction.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { sshServer } from './ssh-server.ts';
import { tryGet } from './try-get.ts';
import { unitFiles } from './unit-files.ts';

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

/**
 * What a first boot fails for. Each cause is reported by one rule, and the others keep silent about it:
 * the cloud-init rules own `cloud-init-cannot-run`, the agent's and the generalization rules own what begins with
 * `agent-`, and the provisioning rules own the rest.
 */
export type FirstBootFailure =
  /** cloud-init is enabled and the agent provisions too. */
  | 'two-provisioners'
  /** The agent is told to wait for a cloud-init that is not in the image. */
  | 'cloud-init-not-installed'
  | 'cloud-init-cannot-run'
  /** The agent looks for ovf-env.xml where cloud-init does not put it. */
  | 'ovf-env-elsewhere'
  | 'host-key-not-made'
  /** `Provisioning.Agent=disabled` or an unknown word, and nobody else provisions. */
  | 'agent-told-not-to-provision'
  /** The `provisioned` marker. */
  | 'agent-already-provisioned'
  | 'agent-service-not-started'
  | 'agent-configuration-defect'
  /** Nothing in the image provisions, or what there is is no use on Azure. */
  | 'no-provisioner';

export interface Prediction {
  /** Set when the outcome is a failure. */
  readonly failure?: FirstBootFailure;
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
  /** The unit of a custom reporter. */
  readonly name?: string;
}

/** The public host key that the agent waits for beside cloud-init. */
export interface AwaitedHostKey {
  /** `rsa` for Provisioning.SshHostKeyPairType=auto. */
  readonly type: string;
  readonly path: string;
  /** Undefined when it could not be found out. */
  readonly created: boolean | undefined;
  /** What makes it, or why nothing does. */
  readonly reason: string;
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
  | 'dead'
  /** Its configuration could not be read. */
  | 'unknown';

export interface FirstBoot {
  /** When the VM is created from a generalized image, with a provisioning DVD and an administrator to create. */
  readonly generalized: Prediction;
  /** When the VM is created from a specialized image, with neither. */
  readonly specialized: Prediction;
  readonly candidates: readonly Candidate[];
  /**
   * Who is meant to provision a generalized image, whether or not it can: the one that the agent waits for, or that
   * works, or else that is at least installed.
   */
  readonly chosen: Provisioner;
  readonly agentRole: AgentRole;
  /** Set when the agent waits for cloud-init. */
  readonly hostKey?: AwaitedHostKey;
  /** What could not be seen and may change the prediction. */
  readonly unread: readonly string[];
}

/** Joins agent, cloud-init, units, command line, markers and versions into what the first boot will be. */
export const firstBoot = defineFact<FirstBoot>({
  id: 'first-boot',
  description: 'Who provisions on first boot and how that ends, for a generalized and for a specialized image.',
  reads: ['/etc/waagent.conf', '/etc/cloud/**', '/usr/bin/azure-init', '/usr/lib/systemd/system/**'],
  async compute(context) {
    const { rootFs } = context;
    const theAgent = await context.get(agent);
    const theCloudInit = await context.get(cloudInit);
    const units = await context.get(unitFiles);

    const duty = agentDuty(theAgent, theCloudInit);
    const byCloudInit = assessCloudInit(theCloudInit);
    const byAzureInit = assessAzureInit(rootFs, units);
    const byIgnition = theAgent.inSystemExtension
      ? ignitionWithAgentExtension(duty)
      : assessIgnition(units, await tryGet(context, kernelCommandLine));
    const known = [assessAgent(duty), byCloudInit, byAzureInit, byIgnition];
    const waits = duty.role === 'waits-for-cloud-init';
    const byCustom = waits || known.some(({ works }) => works) ? undefined : assessCustom(rootFs, units);
    const server = waits && byCloudInit.works ? await tryGet(context, sshServer) : undefined;
    const situation: Situation = {
      agent: duty,
      cloudInit: byCloudInit,
      azureInit: byAzureInit,
      ignition: byIgnition,
      custom: byCustom,
      hostKey: waits ? awaitedHostKey(theAgent, theCloudInit, isCouldNotRead(server) ? undefined : server) : undefined,
      ovfElsewhere: ovfElsewhere(rootFs, theAgent, theCloudInit),
      sleepMarker: theAgent.disableMarker,
    };
    const assessments = [byCloudInit, assessAgent(duty), byAzureInit, byIgnition, ...(byCustom ? [byCustom] : [])];
    return {
      generalized: predictGeneralized(situation),
      specialized: predictSpecialized(situation),
      candidates: assessments.map(toCandidate),
      chosen: chosenProvisioner(situation),
      agentRole: duty.role,
      ...(situation.hostKey && { hostKey: situation.hostKey }),
      unread: [
        ...new Set(assessments.filter(({ works }) => works === undefined).flatMap(({ obstacles }) => obstacles)),
      ],
    };
  },
});

/** The agent waits for ovf-env.xml in its Lib.Dir; cloud-init copies it to `datasource: Azure: data_dir`. */
function ovfElsewhere(rootFs: RootFs, { libDir }: Agent, { config }: CloudInit): Situation['ovfElsewhere'] {
  const value = config.get('datasource', 'Azure', 'data_dir');
  const written = typeof value === 'string' ? value : '/var/lib/waagent';
  if (resolved(rootFs, written) === resolved(rootFs, libDir)) return undefined;
  const origin = config.origin('datasource', 'Azure', 'data_dir');
  return { awaited: libDir, written, evidence: origin ? [origin] : [] };
}

function resolved(rootFs: RootFs, path: string): string {
  const plain = path.replace(/\/+$/, '');
  const real = attempt(() => rootFs.realPath(plain));
  return isCouldNotRead(real) || real === undefined ? plain : real;
}
