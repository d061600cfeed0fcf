import type { Evidence } from '../../engine/model.ts';
import { isMapping } from '../../formats/cloud-config-merge.ts';
import { isCouldNotRead } from '../../image/could-not-read.ts';
import type { Agent } from '../agent.ts';
import { isList } from '../cloud-config-value.ts';
import type { CloudConfigValue, CloudInit } from '../cloud-init.ts';
import { modulesOf } from '../cloud-init-modules.ts';
import type { AwaitedHostKey } from '../first-boot.ts';
import type { SshServer } from '../ssh-server.ts';

/** cloud-init's GENERATE_KEY_NAMES; `dsa`, which older releases add, is refused by current OpenSSH. */
const DEFAULT_TYPES: readonly string[] = ['rsa', 'ecdsa', 'ed25519'];

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

  const byCloudInit = cloudInitKeys(cloudInit);
  const rightPlace = agent.sshDir === CLOUD_INIT_SSH_DIR;
  if (byCloudInit.types.includes(type) && rightPlace) {
    return {
      ...known,
      created: true,
      reason: `cloud-init makes a key of type ${type}`,
      evidence: byCloudInit.evidence,
    };
  }
  if (!sshServer) {
    return { ...known, created: undefined, reason: 'what else makes host keys could not be read', evidence };
  }
  const generator = sshServer.keyGenerators.find(
    ({ unit, startsAtBoot, disabledByCloudInit }) =>
      startsAtBoot && !disabledByCloudInit && rightPlace && generates(unit, type),
  );
  if (generator) {
    return {
      ...known,
      created: true,
      reason: `${generator.unit} makes a key of type ${type}`,
      evidence: [generator.evidence],
    };
  }
  const kept = sshServer.hostKeys.find((key) => key.isPublic && key.type === type && key.path === path);
  if (kept && !byCloudInit.deletesKeys) {
    return { ...known, created: true, reason: 'the key is in the image and stays', evidence: [{ path: kept.path }] };
  }
  const reason = rightPlace
    ? byCloudInit.reason
    : `cloud-init writes host keys to ${CLOUD_INIT_SSH_DIR}, not to ${agent.sshDir}`;
  const silenced = sshServer.keyGenerators.filter((unit) => unit.startsAtBoot && unit.disabledByCloudInit);
  const also =
    silenced.length > 0 && rightPlace
      ? `, and ${silenced.map(({ unit }) => unit).join(', ')} stays off while cloud-init is active`
      : '';
  return {
    ...known,
    created: false,
    reason: reason + also,
    evidence: [...evidence, ...byCloudInit.evidence, ...silenced.map((unit) => unit.evidence)],
  };
}

function awaitedType(agent: Agent): { readonly type: string; readonly evidence: readonly Evidence[] } {
  const { configuration } = agent;
  if (isCouldNotRead(configuration) || 'defect' in configuration) return { type: 'rsa', evidence: [] };
  const setting = configuration.string('Provisioning.SshHostKeyPairType');
  const value = setting.value ?? 'rsa';
  return { type: value === 'auto' ? 'rsa' : value, evidence: setting.evidence ? [setting.evidence] : [] };
}

/** Which types cloud-init makes, and if none of the wanted ones, why. */
function cloudInitKeys(cloudInit: CloudInit) {
  const { config } = cloudInit;
  const runsSsh = modulesOf(config).has('ssh');
  if (!runsSsh) {
    return { types: [], deletesKeys: false, reason: "cloud-init's module lists lack ssh", evidence: [] };
  }
  const deletesKeys = config.bool('ssh_deletekeys', true);
  const given = config.get('ssh_keys');
  const key = given === undefined ? 'ssh_genkeytypes' : 'ssh_keys';
  const origin = config.origin(key);
  const types = given === undefined ? generatedTypes(config.get('ssh_genkeytypes')) : givenTypes(given);
  const list = types.length > 0 ? types.join(', ') : 'no keys';
  return { types, deletesKeys, reason: `cloud-init makes ${list} by ${key}`, evidence: origin ? [origin] : [] };
}

/** `util.get_cfg_option_list`: missing is the default, null is empty, a lone string is a list of one. */
function generatedTypes(value: CloudConfigValue | undefined): readonly string[] {
  if (value === undefined) return DEFAULT_TYPES;
  if (value === null) return [];
  return (isList(value) ? value : [value]).map(String);
}

/** Keys that the configuration itself brings: `rsa_private`, `ed25519_public`, … */
function givenTypes(value: CloudConfigValue): readonly string[] {
  if (!isMapping(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const match = /^(.+)_(?:private|public)$/.exec(name);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

/** `sshd-keygen@rsa.service` makes one type, everything else the usual ones. */
function generates(unit: string, type: string): boolean {
  const instance = /@([^.]+)\./.exec(unit)?.[1];
  return instance === undefined ? DEFAULT_TYPES.includes(type) : instance === type;
}
