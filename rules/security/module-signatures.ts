import { defineRule, finding, judge, moduleSignatures, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/module-signatures',
  title: 'Added kernel modules are signed',
  severity: 'warning',
  rationale:
    'With Secure Boot on, the kernel loads no unsigned module, so drivers installed by hand are missing from the first boot on.',
  remediation: 'Install signed driver packages, or sign the modules and put the key into the gallery image.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq',
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch',
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-portal',
  ],
  covers: ['tl-modules-signed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['trusted-launch'] },
  facts: { moduleSignatures },
  check({ moduleSignatures: { signed, unsigned, unread } }) {
    if (signed.length + unsigned.length + unread.length === 0)
      return notApplicable('all modules came with their kernels');
    const findings = unsigned.map((module) => {
      const name = module.path.slice(module.path.lastIndexOf('/') + 1);
      return finding(`${name} is not signed, so Secure Boot keeps it from loading`, module);
    });
    return judge(findings, signed, unread);
  },
});
