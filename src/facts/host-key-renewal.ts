import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { agent } from './agent.ts';
import { cloudInit } from './cloud-init.ts';
import { type CloudInitHostKeys, cloudInitHostKeys, generatorsAtBoot } from './cloud-init-host-keys.ts';
import { firstBoot } from './first-boot.ts';
import { sshServer } from './ssh-server.ts';

/** Something that acts on host keys during the first boot. */
export interface HostKeyActor {
  /** `cloud-init`, `the agent`, or the name of a unit. */
  readonly name: string;
  readonly evidence: readonly Evidence[];
}

export interface HostKeyRenewal {
  /** Deletes the keys of the image before new ones are made. */
  readonly deleter?: HostKeyActor;
  /** Why the provisioner leaves the keys of the image alone; undefined when it deletes them. */
  readonly keepReason?: string;
  readonly creators: readonly HostKeyActor[];
  /** The setting by which the provisioner makes none. */
  readonly makesNone?: Evidence;
  /** Settings that may say otherwise. */
  readonly unread: readonly CouldNotRead[];
}

/** What the provisioner that the image is meant for, and units beside it, do about host keys on the first boot. */
export const hostKeyRenewal = defineFact<HostKeyRenewal>({
  id: 'host-key-renewal',
  description: 'Who deletes and who makes SSH host keys on the first boot of a generalized image.',
  reads: ['/etc/waagent.conf', '/etc/cloud/**', '/usr/lib/systemd/system/*keygen*'],
  async compute({ get }) {
    const { chosen } = await get(firstBoot);
    const theCloudInit = await get(cloudInit);
    const { keyGenerators } = await get(sshServer);
    const units = generatorsAtBoot(keyGenerators, theCloudInit.enabledForAgent).running.map(
      ({ unit, evidence }): HostKeyActor => ({ name: unit, evidence: [evidence] }),
    );
    if (chosen === 'cloud-init') return byCloudInit(cloudInitHostKeys(theCloudInit), units);
    const unread: readonly CouldNotRead[] = [];
    if (chosen !== 'waagent') {
      const who = chosen === 'none' ? 'nobody provisions' : `${chosen} leaves host keys alone`;
      return { keepReason: who, creators: units, unread };
    }
    const { configuration } = await get(agent);
    if (isCouldNotRead(configuration)) throw configuration;
    const regenerate =
      'defect' in configuration ? undefined : configuration.switch('Provisioning.RegenerateSshHostKeyPair');
    if (!regenerate?.value) return { keepReason: 'the agent is told to keep them', creators: units, unread };
    const theAgent = { name: 'the agent', evidence: regenerate.evidence ? [regenerate.evidence] : [] };
    return { deleter: theAgent, creators: [theAgent, ...units], unread };
  },
});

function byCloudInit(work: CloudInitHostKeys, units: readonly HostKeyActor[]): HostKeyRenewal {
  const { runs, deletes, deletesBy, types, typesBy, unread } = work;
  if (!runs) return { keepReason: 'cloud-init does not run its ssh module', creators: units, unread };
  const makes = types.length > 0;
  const [empty] = makes ? [] : typesBy;
  const rest = {
    creators: [...(makes ? [{ name: 'cloud-init', evidence: typesBy }] : []), ...units],
    ...(empty && { makesNone: empty }),
    unread,
  };
  return deletes
    ? { deleter: { name: 'cloud-init', evidence: deletesBy }, ...rest }
    : { keepReason: 'ssh_deletekeys is off in the configuration of cloud-init', ...rest };
}
