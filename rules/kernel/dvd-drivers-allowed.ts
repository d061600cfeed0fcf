import {
  defineRule,
  finding,
  judge,
  kernelModules,
  modprobeRules,
  notApplicable,
  provisioningDvd,
} from '../../src/rule-api.ts';

/** Whether a driver loads by an alias, which a blacklist stops: file system type or device. */
const drivers: ReadonlyMap<string, boolean> = new Map([
  ['udf', true],
  ['isofs', true],
  ['sr_mod', true],
  ['cdrom', false],
]);

export default defineRule({
  id: 'kernel/dvd-drivers-allowed',
  title: 'No hardening rule keeps the provisioning DVD from being read',
  severity: 'error',
  rationale:
    'A line like "install udf /bin/true" makes the provisioning disc unreadable, so the first boot fails or loses the password and custom data.',
  remediation: 'Remove udf, isofs, sr_mod and cdrom from the hardening rules in /etc/modprobe.d.',
  fix: ["sed -i -E '/^(install|blacklist)[[:space:]]+(udf|isofs|cdrom|sr_mod)\\b/d' /etc/modprobe.d/*.conf"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-deployment-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['modprobe-udf-not-disabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { kernelModules, modprobeRules, provisioningDvd },
  check({ kernelModules: { kernels, gap }, modprobeRules, provisioningDvd: { need, reader } }) {
    if (need === 'unused') return notApplicable('nobody in the image reads the provisioning DVD');
    if (gap) return gap;
    const isLoadable = (name: string) => kernels.some(({ driver }) => driver(name).state === 'module');
    const findings = modprobeRules.blocks.flatMap(({ module, kind, onlyInInitramfs, evidence }) => {
      const byAlias = drivers.get(module);
      // A module that others need loads although it is blacklisted.
      const isHarmless = onlyInInitramfs || (kind === 'blacklist' && !byAlias);
      if (byAlias === undefined || isHarmless || !isLoadable(module)) return [];
      const message = `${module} is kept from loading, and ${reader} reads the provisioning DVD with it`;
      const severity =
        module === 'isofs' ? 'info' : need === 'required' ? 'error' : need === 'data' ? 'warning' : 'info';
      return finding(message, evidence, { severity });
    });
    return judge(findings, [], modprobeRules.unread);
  },
});
