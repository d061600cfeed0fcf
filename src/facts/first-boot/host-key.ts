import type { Evidence } from '../../engine/model.ts';
import { isCouldNotRead } from '../../image/could-not-read.ts';
import type { Agent } from '../agent.ts';
import type { CloudInit } from '../cloud-init.ts';
import { type CloudInitHostKeys, cloudInitHostKeys, generatorsAtBoot, usualKeyTypes } from '../cloud-init-host-keys.ts';
import type { AwaitedHostKey } from '../first-boot.ts';
import type { SshKeyGenerator, SshServer } from '../ssh-server.ts';

/** cloud-init writes host keys here whatever the agent's OS.SshDir says (`cloudinit/config/cc_ssh.py` KEY_FILE_TPL). */
const CLOUD_INIT_SSH_DIR = '/etc/ssh';

/**
 * The public host key that the agent waits for beside cloud-init, and what makes it: WALinuxAgent
 * `pa/provision/cloudinit.py` wait_for_ssh_host_key, cloud-init `config/cc_ssh.py` handle.
 */
export function awaitedHostKey(agent: Agent, cloudInit: CloudInit, sshServer: SshServer | undefined): AwaitedHostKey {
  const { type, evidence } = awaitedType(agent);
  const path = `${agent.sshDir}/ssh_host_${type}_key.pub`;
  const known = { type, path };
  if (type === 'dsa') return { ...known, created: false, reason: 'OpenSSH no longer makes keys of type dsa', evidence };

  const byCloudInit = cloudInitHostKeys(cloudInit);
  const rightPlace = agent.sshDir === CLOUD_INIT_SSH_DIR;
  if (byCloudInit.types.includes(type) && rightPlace) {
    return {
      ...known,
      created: true,
      reason: `cloud-init makes a key of type ${type}`,
      evidence: byCloudInit.typesBy,
    };
  }
  if (!sshServer) {
    return { ...known, created: undefined, reason: 'what else makes host keys could not be read', evidence };
  }
  const { running, silenced } = generatorsAtBoot(sshServer.keyGenerators, true);
  const generator = running.find(({ unit }) => rightPlace && generates(unit, type));
  if (generator) {
    return {
      ...known,
      created: true,
      reason: `${generator.unit} makes a key of type ${type}`,
      evidence: [generator.evidence],
    };
  }
  const kept = sshServer.hostKeys.find((key) => key.path === path);
  if (kept && !byCloudInit.deletes) {
    return { ...known, created: true, reason: 'the key is in the image and stays', evidence: [{ path: kept.path }] };
  }
  const reason = rightPlace
    ? reasonOf(byCloudInit)
    : `cloud-init writes host keys to ${CLOUD_INIT_SSH_DIR}, not to ${agent.sshDir}`;
  const also = silenced.length > 0 && rightPlace ? `, and ${whatStays(silenced)} off while cloud-init is active` : '';
  return {
    ...known,
    created: false,
    reason: reason + also,
    evidence: [...evidence, ...byCloudInit.typesBy, ...silenced.map((unit) => unit.evidence)],
  };
}

function awaitedType(agent: Agent): { readonly type: string; readonly evidence: readonly Evidence[] } {
  const { configuration } = agent;
  if (isCouldNotRead(configuration) || 'defect' in configuration) return { type: 'rsa', evidence: [] };
  const setting = configuration.string('Provisioning.SshHostKeyPairType');
  const value = setting.value ?? 'rsa';
  return { type: value === 'auto' ? 'rsa' : value, evidence: setting.evidence ? [setting.evidence] : [] };
}

/** What cloud-init makes instead of the wanted type. */
function reasonOf({ runs, types, key }: CloudInitHostKeys): string {
  if (!runs) return "cloud-init's module lists lack ssh";
  return `cloud-init makes ${types.length > 0 ? types.join(', ') : 'no keys'} by ${key}`;
}

function whatStays(silenced: readonly SshKeyGenerator[]): string {
  return `${silenced.map(({ unit }) => unit).join(', ')} ${silenced.length === 1 ? 'stays' : 'stay'}`;
}

/** `sshd-keygen@rsa.service` makes one type, everything else the usual ones. */
function generates(unit: string, type: string): boolean {
  const instance = /@([^.]+)\./.exec(unit)?.[1];
  return instance === undefined ? usualKeyTypes.includes(type) : instance === type;
}
