import {
  cloudInit,
  cloudInitModules,
  cloudInitUsers,
  defineRule,
  finding,
  firstBoot,
  judge,
  notApplicable,
  notForCloudInit,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/default-user',
  title: 'The users list keeps the default entry, and root stays closed to keys',
  severity: 'warning',
  rationale:
    'The administrator of the deployment is the entry default of the users list. Without it the first boot creates ' +
    'nobody who could log in.',
  remediation: 'Put default back into the users list.',
  fix: ["echo 'users: [default]' > /etc/cloud/cloud.cfg.d/99_users.cfg"],
  references: [
    'https://github.com/canonical/cloud-init/blob/main/config/cloud.cfg.tmpl',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/distros/ug_util.py',
  ],
  covers: ['ci-default-user-kept'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot, cloudInitUsers, cloudInitModules },
  check({ cloudInit: found, firstBoot: boot, cloudInitUsers: users, cloudInitModules: modules }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const gap = unknownBy(found.config.unread);
    if (gap && !modules.has('users_groups')) return gap;
    if (!modules.has('users_groups')) return notApplicable('cloud-init does not run users_groups, which creates users');
    const findings = [];
    if (!users.keepsDefault) {
      const lack = users.isRefused
        ? 'cloud-init ends with an exception at the users list'
        : 'the users list lacks default';
      const message = `${users.users ? lack : 'there is no users list'}, so no administrator is created`;
      findings.push(finding(message, users.users ?? [], { subject: 'users' }));
    }
    if (!users.disablesRoot) {
      const message = 'disable_root is false, so keys of the administrator also open root';
      findings.push(finding(message, users.disableRoot ?? [], { severity: 'info', subject: 'disable_root' }));
    }
    if (!users.describesDefault) {
      const message =
        'system_info has no default_user, so the administrator lacks the groups and shell of the distribution';
      findings.push(finding(message, [], { severity: 'info', subject: 'default_user' }));
    }
    return judge(findings, users.users ? [users.users] : [], found.config.unread);
  },
});
