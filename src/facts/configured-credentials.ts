import { defineFact, partition } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { ignitionPasswordLine } from '../formats/secret-text.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type CloudConfigFile, type CloudConfigValue, cloudInit } from './cloud-init.ts';
import { expandGlob } from './expand-glob.ts';

/** A password or key that some configuration gives to an account at boot. */
export interface ConfiguredCredential {
  readonly kind: 'password' | 'authorized-key';
  /** Undefined when it goes to the administrator of the deployment, or when the file does not say. */
  readonly account?: string;
  /** The key that holds it, as in `chpasswd.list`. */
  readonly setting: string;
  /** Without the secret. */
  readonly evidence: Evidence;
}

export interface ConfiguredCredentials {
  readonly credentials: readonly ConfiguredCredential[];
  readonly unread: readonly CouldNotRead[];
}

type Mapping = { readonly [key: string]: CloudConfigValue };
type Path = readonly (string | number)[];

const credentialStores = [
  '/etc/credstore',
  '/etc/credstore.encrypted',
  '/usr/lib/credstore',
  '/usr/lib/credstore.encrypted',
];
const ignitionConfigs = [
  '/usr/lib/ignition/user.ign',
  '/usr/lib/ignition/base.d/*.ign',
  '/usr/lib/ignition/base.platform.d/*/*.ign',
  '/usr/share/oem/config.ign',
  '/boot/ignition/config.ign',
];

/** Credentials in files of cloud-init, in systemd's credential stores and in configurations of Ignition. */
export const configuredCredentials = defineFact<ConfiguredCredentials>({
  id: 'configured-credentials',
  description: 'Passwords and keys that cloud-init, systemd-sysusers or Ignition would give to accounts at boot.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg', ...credentialStores, ...ignitionConfigs],
  async compute(context) {
    const { rootFs } = context;
    const { config } = await context.get(cloudInit);
    // Each file for itself: what a later file overrules is still in the image for everyone to read.
    const fromCloudInit = config.files.flatMap((file) => (file.content ? inCloudConfig(file, file.content) : []));
    const { read, unread } = partition<ConfiguredCredential>([
      ...inCredentialStores(rootFs),
      ...inIgnitionConfigs(rootFs),
    ]);
    return { credentials: [...fromCloudInit, ...read], unread: [...config.unread, ...unread] };
  },
});

/** Keys as `cloudinit/config/cc_set_passwords.py`, cc_users_groups.py and cc_ssh.py read them. */
function inCloudConfig(file: CloudConfigFile, content: Mapping): readonly ConfiguredCredential[] {
  const found = (
    kind: ConfiguredCredential['kind'],
    setting: string,
    path: Path,
    account?: string,
  ): ConfiguredCredential => {
    const line = file.lineOf(path) ?? file.lineOf(path.slice(0, 1));
    const evidence = { path: file.path, ...(line !== undefined && { line }), text: `${path.at(-1)}: ***` };
    return { kind, setting, ...(account !== undefined && { account }), evidence };
  };
  const inUser = (user: CloudConfigValue | undefined, path: Path, setting: string): readonly ConfiguredCredential[] => {
    if (!isMapping(user)) return [];
    const name = typeof user['name'] === 'string' ? user['name'] : undefined;
    return [
      ...['passwd', 'hashed_passwd', 'plain_text_passwd']
        .filter((key) => isPassword(user[key]))
        .map((key) => found('password', `${setting}.${key}`, [...path, key], name)),
      ...['ssh_authorized_keys', 'ssh-authorized-keys']
        .filter((key) => isFilled(user[key]))
        .map((key) => found('authorized-key', `${setting}.${key}`, [...path, key], name)),
    ];
  };
  const { users, chpasswd } = content;
  const systemInfo = isMapping(content['system_info']) ? content['system_info'] : {};
  const settings = isMapping(chpasswd) ? chpasswd : {};
  return [
    ...(Array.isArray(users)
      ? users.flatMap((user: CloudConfigValue, index) => inUser(user, ['users', index], 'users'))
      : []),
    ...(isMapping(users)
      ? Object.entries(users).flatMap(([name, user]) =>
          inUser(isMapping(user) ? { name, ...user } : null, ['users', name], 'users'),
        )
      : []),
    ...inUser(content['user'], ['user'], 'user'),
    ...inUser(systemInfo['default_user'], ['system_info', 'default_user'], 'system_info.default_user'),
    ...(isPassword(content['password']) ? [found('password', 'password', ['password'])] : []),
    ...(isFilled(content['ssh_authorized_keys'])
      ? [found('authorized-key', 'ssh_authorized_keys', ['ssh_authorized_keys'])]
      : []),
    ...accountsOfList(settings['list']).map((name) => found('password', 'chpasswd.list', ['chpasswd', 'list'], name)),
    ...(Array.isArray(settings['users']) ? settings['users'] : []).flatMap((user: CloudConfigValue, index) =>
      isMapping(user) && isPassword(user['password']) && user['type'] !== 'RANDOM'
        ? [found('password', 'chpasswd.users', ['chpasswd', 'users', index, 'password'], String(user['name'] ?? ''))]
        : [],
    ),
  ];
}

/** `name:password` lines, of which `R` and `RANDOM` stand for a password that is made up at boot. */
function accountsOfList(list: CloudConfigValue | undefined): readonly string[] {
  const lines = Array.isArray(list) ? list.map(String) : typeof list === 'string' ? list.split('\n') : [];
  return lines.flatMap((line) => {
    const [, name, password] = /^\s*([^:]+):(.+?)\s*$/.exec(line) ?? [];
    return name === undefined || /^(?:R|RANDOM)$/.test(password ?? '') ? [] : [name];
  });
}

/** A locked value such as `!` or `*` opens nothing. */
function isPassword(value: CloudConfigValue | undefined): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && value !== '' && !/^[!*]/.test(value) && value !== 'x';
}

function isFilled(value: CloudConfigValue | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value.trim() !== '';
}

function isMapping(value: CloudConfigValue | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Files that systemd-sysusers and systemd-firstboot look for: the name says which account. */
function inCredentialStores(rootFs: RootFs): readonly (ConfiguredCredential | CouldNotRead)[] {
  return credentialStores.flatMap((directory): (ConfiguredCredential | CouldNotRead)[] => {
    const entries = attempt(() => (rootFs.stat(directory)?.type === 'directory' ? rootFs.readDir(directory) : []));
    if (isCouldNotRead(entries)) return [entries];
    return (entries ?? []).flatMap(({ name }): ConfiguredCredential[] => {
      const [, account] = /^passwd\.(?:hashed|plaintext)-password\.(.+?)(?:\.cred)?$/.exec(name) ?? [];
      if (account === undefined) return [];
      return [{ kind: 'password', account, setting: name, evidence: { path: `${directory}/${name}` } }];
    });
  });
}

function inIgnitionConfigs(rootFs: RootFs): readonly (ConfiguredCredential | CouldNotRead)[] {
  return ignitionConfigs.flatMap((pattern): (ConfiguredCredential | CouldNotRead)[] => {
    const files = attempt(() =>
      expandGlob(rootFs, pattern).map((path) => ({ path, text: rootFs.readText(path) ?? '' })),
    );
    if (isCouldNotRead(files)) return [files];
    return files.flatMap(({ path, text }): ConfiguredCredential[] => {
      const line = ignitionPasswordLine(text);
      return line === undefined ? [] : [{ kind: 'password', setting: 'passwordHash', evidence: { path, line } }];
    });
  });
}
