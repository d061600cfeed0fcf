import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isCouldNotRead } from '../image/could-not-read.ts';
import { agent } from './agent.ts';
import { type CloudInit, cloudInit } from './cloud-init.ts';
import { modulesOf } from './cloud-init-modules.ts';
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
    const units = keyGenerators
      .filter((unit) => unit.startsAtBoot && !(unit.disabledByCloudInit && theCloudInit.enabledForAgent))
      .map(({ unit, evidence }): HostKeyActor => ({ name: unit, evidence: [evidence] }));
    if (chosen === 'cloud-init') return byCloudInit(theCloudInit, units);
    if (chosen !== 'waagent') {
      const who = chosen === 'none' ? 'nobody provisions' : `${chosen} leaves host keys alone`;
      return { keepReason: who, creators: units };
    }
    const { configuration } = await get(agent);
    if (isCouldNotRead(configuration)) throw configuration;
    const regenerate =
      'defect' in configuration ? undefined : configuration.switch('Provisioning.RegenerateSshHostKeyPair');
    if (!regenerate?.value) return { keepReason: 'the agent is told to keep them', creators: units };
    const theAgent = { name: 'the agent', evidence: regenerate.evidence ? [regenerate.evidence] : [] };
    return { deleter: theAgent, creators: [theAgent, ...units] };
  },
});

/** `cloudinit/config/cc_ssh.py` handle: `ssh_deletekeys`, then `ssh_keys` or the types of `ssh_genkeytypes`. */
function byCloudInit({ config }: CloudInit, units: readonly HostKeyActor[]): HostKeyRenewal {
  if (!modulesOf(config).has('ssh')) return { keepReason: 'cloud-init does not run its ssh module', creators: units };
  const actor = (key: string): HostKeyActor => {
    const origin = config.origin(key);
    return { name: 'cloud-init', evidence: origin ? [origin] : [] };
  };
  const types = config.get('ssh_genkeytypes');
  const makesNone =
    config.get('ssh_keys') === undefined && (types === null || (Array.isArray(types) && types.length === 0));
  const empty = makesNone ? config.origin('ssh_genkeytypes') : undefined;
  const rest = empty && { makesNone: empty };
  const creators = makesNone ? units : [actor('ssh_genkeytypes'), ...units];
  return config.bool('ssh_deletekeys', true)
    ? { deleter: actor('ssh_deletekeys'), creators, ...rest }
    : { keepReason: 'ssh_deletekeys is off in the configuration of cloud-init', creators, ...rest };
}
