import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfigFile, type CloudConfigValue, cloudInit } from './cloud-init.ts';

/**
 * What a leftover brings to every clone. `no-data-source`: the list holds only None. `password-hash`: the user of the
 * installation. `fixed-network`: addresses or MAC addresses of the build machine. `network-off`: cloud-init leaves the
 * network alone.
 */
export type LeftoverTrait = 'no-data-source' | 'password-hash' | 'fixed-network' | 'network-off';

/** A cloud-init file that the installer of Ubuntu wrote for the machine it installed. */
export interface InstallerLeftover {
  readonly path: string;
  readonly traits: readonly { readonly trait: LeftoverTrait; readonly evidence: Evidence }[];
}

export interface InstallerLeftovers {
  readonly files: readonly InstallerLeftover[];
  readonly unread: readonly CouldNotRead[];
}

const NAMES: ReadonlySet<string> = new Set([
  '50-curtin-networking.cfg',
  '90-installer-network.cfg',
  '99-installer.cfg',
  'curtin-preserve-sources.cfg',
  'subiquity-disable-cloudinit-networking.cfg',
]);

const isLeftover = (path: string) => NAMES.has(path.slice(path.lastIndexOf('/') + 1));

/** Files that subiquity and curtin leave in cloud.cfg.d, judged by content as well as by name. */
export const installerLeftovers = defineFact<InstallerLeftovers>({
  id: 'installer-leftovers',
  description: "cloud-init files that Ubuntu's installer wrote for the machine it installed.",
  reads: [...NAMES].map((name) => `/etc/cloud/cloud.cfg.d/${name}`),
  async compute(context) {
    const { config } = await context.get(cloudInit);
    return {
      files: config.files
        .filter(({ path }) => isLeftover(path))
        .map((file) => ({ path: file.path, traits: traitsOf(file) })),
      // A directory that cannot be listed may hold such a file.
      unread: config.unread.filter(({ path }) => isLeftover(path) || !path.endsWith('.cfg')),
    };
  },
});

type Trait = InstallerLeftover['traits'][number];
type Path = readonly (string | number)[];

function traitsOf(file: CloudConfigFile): readonly Trait[] {
  const content = file.content ?? {};
  const at = (path: Path): Evidence => {
    const line = file.lineOf(path);
    return { path: file.path, ...(line !== undefined && { line }) };
  };
  const traits: Trait[] = [];
  const list = content['datasource_list'];
  if (isList(list) && list.length > 0 && list.every((item) => item === 'None')) {
    traits.push({ trait: 'no-data-source', evidence: at(['datasource_list']) });
  }
  for (const { key, path, value } of entriesOf(content, [])) {
    // Users at the top level are judged with all other credentials of cloud-init.
    if (path[0] === 'datasource' && typeof value === 'string' && holdsHash(key, value)) {
      traits.push({ trait: 'password-hash', evidence: at(path) });
    }
    if (path[0] === 'network' && NETWORK_KEYS.test(key) && !path.includes('nameservers')) {
      traits.push({ trait: 'fixed-network', evidence: at(path) });
    }
    if (path[0] === 'network' && path.length === 2 && key === 'config' && value === 'disabled') {
      traits.push({ trait: 'network-off', evidence: at(path) });
    }
  }
  return traits;
}

const NETWORK_KEYS = /^(?:macaddress|mac_address|addresses|address)$/;

/** A user's password in a mapping, or in user data that stands in the file as one block of text. */
function holdsHash(key: string, value: string): boolean {
  if (/^(?:hashed_)?passwd$/.test(key)) return /^\$./.test(value);
  return /\bpasswd['"]?:\s*['"]?\$./.test(value);
}

interface Entry {
  readonly key: string;
  readonly path: Path;
  readonly value: CloudConfigValue;
}

/** Every key below a value with its path, depth first. */
function* entriesOf(value: CloudConfigValue, path: Path): Generator<Entry> {
  if (value instanceof Date || typeof value !== 'object' || value === null) return;
  const children: Iterable<readonly [string | number, CloudConfigValue]> = isList(value)
    ? value.entries()
    : Object.entries(value);
  for (const [key, child] of children) {
    const below = [...path, key];
    yield { key: String(key), path: below, value: child };
    yield* entriesOf(child, below);
  }
}
