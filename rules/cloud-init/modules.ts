import {
  cloudInit,
  cloudInitModules,
  defineRule,
  distribution,
  finding,
  firstBoot,
  judge,
  logicalRoot,
  notApplicable,
  notForCloudInit,
} from '../../src/rule-api.ts';

/** What Azure relies on, and what an image can do without. */
const needed: Readonly<Record<string, string>> = {
  users_groups: 'the administrator is not created',
  ssh: 'the keys of the administrator are not installed',
  set_hostname: 'the VM does not get its host name',
};
const useful: Readonly<Record<string, string>> = {
  set_passwords: 'a password of the administrator is not set',
  update_hostname: 'a changed host name is not kept',
  growpart: 'the system partition does not grow with the disk',
  resizefs: 'the root file system does not grow with the disk',
  disk_setup: 'the temporary disk is not formatted',
  mounts: 'the temporary disk is not mounted',
};

/** What only a root on a partition of its own profits from: cloud-init does not grow logical volumes. */
const forPlainRoot = ['growpart', 'resizefs'];

export default defineRule({
  id: 'cloud-init/modules',
  title: 'The module lists keep what provisioning relies on',
  severity: 'warning',
  rationale:
    'Without users_groups, ssh or set_hostname the first boot ends without a working administrator or host name; ' +
    'without growpart and mounts the disks stay as they are. A list in a later file replaces the earlier one whole.',
  remediation: 'Delete the module list from the later file, or repeat the complete list of /etc/cloud/cloud.cfg there.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-deep-dive',
    'https://github.com/canonical/cloud-init/blob/main/config/cloud.cfg.tmpl',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/util.py',
  ],
  covers: ['ci-core-modules-listed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot, cloudInitModules, distribution, logicalRoot },
  check({
    cloudInit: found,
    firstBoot: boot,
    cloudInitModules: modules,
    distribution: system,
    logicalRoot: isLogical,
  }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    if (/osguard/i.test(system?.variantId ?? '')) return notApplicable('OS Guard leaves modules out on purpose');
    const waitsForKey = boot.generalized.failure === 'host-key-not-made';
    const missing = [...Object.keys(needed), ...Object.keys(useful)].filter(
      (name) => !modules.has(name) && !(name === 'ssh' && waitsForKey) && !(isLogical && forPlainRoot.includes(name)),
    );
    const findings = missing.map((name) => {
      const list = modules.lists.find(({ dropped }) => dropped.includes(name));
      const why = list ? `${list.key} in a later file drops ${name}` : `no module list names ${name}`;
      const origin = list?.origin ?? modules.lists.find((one) => one.origin)?.origin ?? [];
      const severity = name in needed ? 'warning' : 'info';
      return finding(`${why}: ${needed[name] ?? useful[name]}`, origin, {
        severity,
        subject: name,
        restsOnAbsence: true,
      });
    });
    const evidence = modules.lists.flatMap(({ origin }) => (origin ? [origin] : []));
    return judge(findings, evidence, found.config.unread);
  },
});
