import type { CloudInit } from '../cloud-init.ts';
import type { FirstBoot, Provisioner } from '../first-boot.ts';
import type { Situation } from './prediction.ts';

/** Who is meant to provision, so that a rule can tell a provisioner that is broken from one that is off on purpose. */
export function chosenProvisioner({ agent, cloudInit, azureInit, ignition, custom }: Situation): Provisioner {
  if (agent.role === 'waits-for-cloud-init') return 'cloud-init';
  if (agent.role === 'conflict') return 'waagent';
  if (agent.role === 'provisions') return ignition.works ? 'ignition' : 'waagent';

  const others = [cloudInit, azureInit, ignition, custom];
  const working = others.find((one) => one?.works);
  if (working) return working.provisioner;
  if (agent.roleWithoutMarker === 'provisions') return 'waagent';
  const installed = others.find((one) => one?.present);
  if (installed) return installed.provisioner;
  return agent.installed ? 'waagent' : 'none';
}

/** Why the image does not rely on cloud-init on first boot; undefined when it does. */
export function notForCloudInit(cloudInit: CloudInit, firstBoot: FirstBoot): string | undefined {
  if (!cloudInit.installed) return 'cloud-init is not installed';
  return firstBoot.chosen === 'cloud-init' ? undefined : `${firstBoot.chosen} is meant to provision, not cloud-init`;
}
