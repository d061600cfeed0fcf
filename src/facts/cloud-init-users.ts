import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { isTrue } from './cloud-init/configuration.ts';
import { type CloudConfig, type CloudConfigValue, cloudInit } from './cloud-init.ts';

/** Which accounts cloud-init makes by the image's configuration, and whether Azure's administrator is among them. */
export interface CloudInitUsers {
  /** The list names `default`, which stands for the administrator of the deployment, or a legacy `user` key is set. */
  readonly keepsDefault: boolean;
  /** The list holds what is no user, so that cloud-init's module ends with an exception and makes nobody. */
  readonly isRefused: boolean;
  /** Undefined when no file sets `users`. */
  readonly users?: Evidence;
  /** `system_info.default_user` is a mapping, so that the distribution's groups, shell and sudo rule apply. */
  readonly describesDefault: boolean;
  /** `disable_root`, default true: keys of the administrator do not open root. */
  readonly disablesRoot: boolean;
  readonly disableRoot?: Evidence;
}

/** `cloudinit/distros/ug_util.py` normalize_users_groups: without `users` and `user` nobody is created. */
export const cloudInitUsers = defineFact<CloudInitUsers>({
  id: 'cloud-init-users',
  description: "Whether cloud-init's users list keeps the administrator, and what becomes of root's keys.",
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg'],
  async compute(context) {
    return usersOf((await context.get(cloudInit)).config);
  },
});

function usersOf(config: CloudConfig): CloudInitUsers {
  const users = config.origin('users');
  const disableRoot = config.origin('disable_root');
  const user = config.get('user');
  const listed = withLegacyUser(config.get('users'), user);
  // Without a name the entry `default` describes nobody.
  const isNameless = isMapping(user) && 'name' in user && !user['name'];
  const names = namesIn(listed);
  return {
    keepsDefault: names?.includes('default') === true && !isNameless,
    isRefused: names === undefined,
    ...(users && { users }),
    describesDefault: isMapping(config.get('system_info', 'default_user')),
    disablesRoot: config.bool('disable_root', true),
    ...(disableRoot && { disableRoot }),
  };
}

/** A `user` key, by name or by settings, adds the entry `default` to whatever the list is. */
function withLegacyUser(users: CloudConfigValue | undefined, user: CloudConfigValue | undefined): CloudConfigValue {
  const list = typeof users === 'string' || isMapping(users) || isList(users) ? users : [];
  const isSet = isMapping(user) ? Object.keys(user).length > 0 : typeof user === 'string' && user !== '';
  if (!isSet) return list;
  if (typeof list === 'string') return `${list},default`;
  return isMapping(list) ? { default: true, ...list } : [...list, 'default'];
}

/** `_normalize_users`; undefined where it ends with an exception. */
function namesIn(users: CloudConfigValue): readonly string[] | undefined {
  if (typeof users === 'string') return split(users);
  const items = isMapping(users) ? Object.entries(users).map(namedEntry) : isList(users) ? users : [];
  const names: string[] = [];
  for (const item of items) {
    if (typeof item === 'string') names.push(...split(item));
    else if (isList(item)) names.push(...item.map(String));
    else if (isMapping(item)) names.push('name' in item ? String(item['name']) : 'default');
    else return undefined;
  }
  return names;
}

/** Blanks around a comma stay part of the names. */
function split(names: string): readonly string[] {
  return names.trim().split(',');
}

/** An entry of the mapping from names to settings, or to a word that says whether the user is wanted. */
function namedEntry([name, value]: readonly [string, CloudConfigValue]): CloudConfigValue {
  if (isMapping(value)) return { name };
  if (value === null || typeof value === 'object') return null;
  return isTrue(value) ? name : '';
}
