import {
  type BootEntry,
  defineRule,
  type FindingDraft,
  family,
  finding,
  judge,
  kernelCommandLine,
  lastValue,
  notApplicable,
  selinux,
} from '../../src/rule-api.ts';

/** Whether the command line brings SELinux in where the kernel has another security module by default. */
function isChosen(entry: BootEntry): boolean {
  const modules = `${lastValue(entry, 'lsm') ?? ''},${lastValue(entry, 'security') ?? ''}`.split(',');
  return lastValue(entry, 'selinux') === '1' || modules.includes('selinux');
}

export default defineRule({
  id: 'boot/selinux-policy',
  title: 'SELinux finds the mode and the policy that its configuration names',
  severity: 'error',
  rationale: 'In enforcing mode systemd freezes on every boot when the policy cannot be loaded.',
  remediation: 'Install the policy that SELINUXTYPE names, or name one that is installed.',
  fix: [
    "sed -i 's/^SELINUX=.*/SELINUX=enforcing/; s/^SELINUXTYPE=.*/SELINUXTYPE=targeted/' /etc/selinux/config",
    'touch /.autorelabel',
  ],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/kernel-related-boot-issues',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-selinux-troubleshooting',
    'https://github.com/SELinuxProject/selinux/blob/main/libselinux/src/selinux_config.c',
    'https://github.com/SELinuxProject/selinux/blob/main/libselinux/src/load_policy.c',
  ],
  covers: ['selinux-config-valid'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { selinux, kernelCommandLine, family },
  check({ selinux: found, kernelCommandLine: { defaults }, family: kind }) {
    if (!found) return notApplicable('the image has no /etc/selinux/config');
    if (found.mode?.value === 'disabled') return notApplicable('SELinux is disabled in its configuration');
    if (defaults.length > 0 && defaults.every((entry) => lastValue(entry, 'selinux') === '0'))
      return notApplicable('selinux=0 on the kernel command line switches SELinux off');
    const needsChoice = kind === 'debian' || kind === 'ubuntu' || kind === 'suse';
    if (needsChoice && !defaults.some(isChosen))
      return notApplicable('no boot entry chooses SELinux as security module');
    const { mode, ignored, policyType, policies, installedTypes } = found;
    const findings: FindingDraft[] = [];
    if (!mode) {
      const [line] = ignored;
      const message = line
        ? `SELINUX=${line.value} is no mode, so SELinux does not enforce its policy; enforcing, permissive or disabled is meant`
        : 'no line SELINUX= gives a mode, so SELinux does not enforce its policy';
      const place = line?.evidence ?? { path: '/etc/selinux/config' };
      findings.push(finding(message, place, { severity: 'warning', subject: 'mode' }));
    }
    if (policies.length === 0) {
      const enforces = mode?.value === 'enforcing' && !defaults.every((entry) => lastValue(entry, 'enforcing') === '0');
      const severity = enforces || (mode?.value === 'enforcing' && defaults.length === 0) ? 'error' : 'warning';
      const others = installedTypes.length > 0 ? `; installed is ${installedTypes.join(', ')}` : '';
      const message = `no policy of type ${policyType.value || '""'} is installed${others}`;
      findings.push(finding(message, policyType.evidence, { severity, subject: 'policy' }));
    }
    return judge(findings, [policyType.evidence, ...policies.map((path) => ({ path }))]);
  },
});
