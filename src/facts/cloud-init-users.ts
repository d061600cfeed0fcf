import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfig, type CloudConfigValue, cloudInit } from './cloud-init.ts';

/** Which accounts cloud-init makes by the image's configuration, and whether Azure's administrator is among them. */
export interface CloudInitUsers {
  /** The list names `default`, which stands for the administrator of the deployment, or a legacy `user` key is set. */
  readonly keepsDefault: boolean;
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
  return {
    keepsDefault: namesDefault(config.get('users')) || Boolean(config.get('user')),
    ...(users && { users }),
    describesDefault: isMapping(config.get('system_info', 'default_user')),
    disablesRoot: config.bool('disable_root', true),
    ...(disableRoot && { disableRoot }),
  };
}

/** A list of names and mappings, a comma-separated string, or a mapping from names to true or to settings. */
function namesDefault(value: CloudConfigValue | undefined): boolean {
  if (typeof value === 'string') return value.split(',').some((name) => name.trim() === 'default');
  if (isList(value)) {
    return value.some((item) => (isMapping(item) ? (item['name'] ?? 'default') === 'default' : namesDefault(item)));
  }
  if (!isMapping(value)) return false;
  const own = value['default'];
  return isMapping(own) || own === true || /^(1|true|on|yes)$/i.test(String(own));
}
