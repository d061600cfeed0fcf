import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import { isList } from './cloud-config-value.ts';
import type { CloudConfig, CloudConfigValue, CloudInit } from './cloud-init.ts';
import { modulesOf } from './cloud-init-modules.ts';
import type { SshKeyGenerator } from './ssh-server.ts';

/** `GENERATE_KEY_NAMES`; `dsa`, which older releases add, is refused by current OpenSSH. */
export const usualKeyTypes: readonly string[] = ['rsa', 'ecdsa', 'ed25519'];

/** What cloud-init does about host keys on the first boot, in /etc/ssh whatever else says where keys are. */
export interface CloudInitHostKeys {
  /** False when no stage runs the module `ssh`: then nothing is deleted or made. */
  readonly runs: boolean;
  /** The keys of the image go before new ones are made. */
  readonly deletes: boolean;
  /** Where `ssh_deletekeys` is set. */
  readonly deletesBy: readonly Evidence[];
  /** Types of the keys that it makes, or brings. */
  readonly types: readonly string[];
  /** The setting that tells the types, and where it is set: keys that are given are the only ones. */
  readonly key: 'ssh_keys' | 'ssh_genkeytypes';
  readonly typesBy: readonly Evidence[];
  /** Files that may hold other settings. */
  readonly unread: readonly CouldNotRead[];
}

/** cloud-init's `config/cc_ssh.py` handle: `ssh_deletekeys`, then `ssh_keys` or else `ssh_genkeytypes`. */
export function cloudInitHostKeys({ config }: Pick<CloudInit, 'config'>): CloudInitHostKeys {
  const { unread } = config;
  const given = config.get('ssh_keys');
  const key = given === undefined ? 'ssh_genkeytypes' : 'ssh_keys';
  if (!modulesOf(config).has('ssh')) {
    return { runs: false, deletes: false, deletesBy: [], types: [], key, typesBy: [], unread };
  }
  return {
    runs: true,
    deletes: config.bool('ssh_deletekeys', true),
    deletesBy: placeOf(config, 'ssh_deletekeys'),
    types: given === undefined ? generatedTypes(config.get('ssh_genkeytypes')) : givenTypes(given),
    key,
    typesBy: placeOf(config, key),
    unread,
  };
}

/** Units that make host keys on the first boot; a drop-in of cloud-init's keeps some away where it is active. */
export function generatorsAtBoot(
  generators: readonly SshKeyGenerator[],
  cloudInitIsActive: boolean,
): { readonly running: readonly SshKeyGenerator[]; readonly silenced: readonly SshKeyGenerator[] } {
  const started = generators.filter(({ startsAtBoot }) => startsAtBoot);
  const staysOff = ({ disabledByCloudInit }: SshKeyGenerator) => cloudInitIsActive && disabledByCloudInit;
  return { running: started.filter((unit) => !staysOff(unit)), silenced: started.filter(staysOff) };
}

function placeOf(config: CloudConfig, key: string): readonly Evidence[] {
  const origin = config.origin(key);
  return origin ? [origin] : [];
}

/** `util.get_cfg_option_list`: missing is the default, null is empty, anything but a list is a list of one. */
function generatedTypes(value: CloudConfigValue | undefined): readonly string[] {
  if (value === undefined) return usualKeyTypes;
  if (value === null) return [];
  return (isList(value) ? value : [value]).map(String);
}

/** `CONFIG_KEY_TO_FILE`: `rsa_private`, `ed25519_public`, …; other names are warned about and left out. */
function givenTypes(value: CloudConfigValue): readonly string[] {
  if (!isMapping(value)) return [];
  return [...usualKeyTypes, 'dsa'].filter((type) => `${type}_private` in value || `${type}_public` in value);
}
