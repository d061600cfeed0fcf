import {
  cloudInit,
  defineRule,
  finding,
  firstBoot,
  judge,
  notApplicable,
  notForCloudInit,
  removeKernelArguments,
  steps,
} from '../../src/rule-api.ts';

const places = {
  file: 'the file cloud-init.disabled',
  'kernel-command-line': 'cloud-init=disabled on the kernel command line',
  environment: 'KERNEL_CMDLINE in the environment of systemd',
  'generator-masked': 'a mask over its systemd generator',
  'target-masked': 'a mask over cloud-init.target',
  'grub-default': 'cloud-init=disabled in the boot loader configuration',
} as const;

/** What one that is not effective may do. */
const maybe: Readonly<Record<string, string>> = {
  'kernel-command-line': 'switches cloud-init off if its boot entry is the default',
  environment: 'keeps cloud-init from seeing the real command line',
  'grub-default': 'will switch cloud-init off when the boot configuration is generated next',
};

export default defineRule({
  id: 'cloud-init/switch',
  title: 'Nothing switches cloud-init off',
  severity: 'error',
  rationale:
    'cloud-init does not start on the first boot. The agent does not look at these switches: set to auto it waits 30 ' +
    'minutes for cloud-init and reports ProvisioningFailed.',
  remediation: 'Remove what switches cloud-init off, or disable its units if the agent is to provision.',
  fix: steps('rm -f /etc/cloud/cloud-init.disabled', removeKernelArguments('cloud-init=disabled')),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-deep-dive',
    'https://github.com/canonical/cloud-init/blob/main/systemd/cloud-init-generator.tmpl',
    'https://github.com/canonical/cloud-init/blob/main/tools/ds-identify',
  ],
  covers: ['ci-not-disabled'],
  lisa: [],
  needs: ['rootfs', 'esp'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot },
  check({ cloudInit: found, firstBoot: boot }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const findings = found.switches.map(({ kind, effective, evidence }) => {
      const subject = { subject: kind };
      if (effective) return finding(`${places[kind]} switches cloud-init off`, evidence, subject);
      const message = `${places[kind]} ${maybe[kind] ?? 'may switch cloud-init off'}`;
      return finding(message, evidence, { ...subject, severity: 'warning' });
    });
    return judge(findings, found.localStage.evidence, found.unread);
  },
});
