import {
  agent,
  cloudInit,
  compareVersions,
  defineRule,
  type FindingDraft,
  finding,
  firstBoot,
  judge,
  mountPlan,
  notForCloudInit,
} from '../../src/rule-api.ts';

/** `defaults` and `exec` allow programs again, `user` and `users` forbid them as `noexec` does; the last word counts. */
function forbidsPrograms(options: readonly string[]): boolean {
  const last = options.findLast((option) => /^(?:exec|noexec|defaults|users?)$/.test(option));
  return last !== undefined && last !== 'exec' && last !== 'defaults';
}

export default defineRule({
  id: 'provisioning/exec-mounts',
  title: 'Programs may run where cloud-init and extensions put them',
  severity: 'error',
  rationale:
    'cloud-init before 20.3 starts its DHCP client from /var/tmp on the first boot, and every extension is a program below /var/lib/waagent.',
  remediation: 'Take noexec off /var and /var/lib/waagent, and off /var/tmp where cloud-init is older than 20.3.',
  fix: ["sed -i -E '\\#[[:space:]]/var(/tmp|/lib/waagent)?[[:space:]]#s/,?noexec//' /etc/fstab"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-deployment-issues',
    'https://github.com/Azure/WALinuxAgent/issues/1388',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/temp_utils.py',
  ],
  covers: ['prov-var-tmp-exec'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, cloudInit, firstBoot, mountPlan },
  check({ agent: { installed, libDir }, cloudInit: init, firstBoot: boot, mountPlan: { mounts, unread } }, intent) {
    const needsTemporary =
      intent.imageType === 'generalized' &&
      notForCloudInit(init, boot) === undefined &&
      init.version !== undefined &&
      compareVersions(init.version.text, '20.3') < 0;
    const inForce = mounts.filter(({ startsAtBoot, isSwap }) => startsAtBoot && !isSwap);
    const findings = inForce.flatMap(({ mountPoint, options, evidence }): readonly FindingDraft[] => {
      const path = mountPoint.replace(/(?<=.)\/+$/, '');
      if (!forbidsPrograms(options)) return [];
      if (path === '/var/tmp' && needsTemporary) {
        return [
          finding(`/var/tmp is noexec, and cloud-init ${init.version?.text} runs its DHCP client there`, evidence),
        ];
      }
      const isAbove = libDir === path || libDir.startsWith(`${path}/`);
      // A file system mounted in between decides instead.
      const isHidden = inForce.some(
        ({ mountPoint: other }) =>
          other !== mountPoint && other.length > path.length && `${libDir}/`.startsWith(`${other}/`),
      );
      if (!installed || !isAbove || isHidden || path === '/') return [];
      return [
        finding(`${path} is noexec, so that no extension in ${libDir} can run`, evidence, { severity: 'warning' }),
      ];
    });
    return judge(findings, [], unread);
  },
});
