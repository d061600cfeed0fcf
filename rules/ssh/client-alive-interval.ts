import { defineRule, fail, finding, firstBoot, notApplicable, pass, sshServer } from '../../src/rule-api.ts';

/** Seconds: Azure's load balancers forget a silent connection after four minutes. */
const longest = 235;
const shortest = 30;

export default defineRule({
  id: 'ssh/client-alive-interval',
  title: 'sshd keeps idle sessions alive',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'The network of Azure drops a connection that is silent for four minutes, so idle sessions on every VM hang; ' +
    'certification refuses an interval above 235 seconds.',
  remediation: 'Set ClientAliveInterval to 180, before any other line that sets it.',
  fix: [
    "sed -i '/^[#[:space:]]*ClientAliveInterval/Id' /etc/ssh/sshd_config",
    "sed -i '1i ClientAliveInterval 180' /etc/ssh/sshd_config",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['ssh-client-alive-interval'],
  lisa: ['azure_image_standard.verify_client_active_interval'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sshServer, firstBoot },
  check({ sshServer: { installed, configuration }, firstBoot: boot }, { imageType, profiles }) {
    if (!installed) return notApplicable('no sshd is installed, which ssh/server reports');
    const found = configuration.seconds('ClientAliveInterval');
    const evidence = found?.evidence ?? { path: configuration.path ?? '/etc/ssh/sshd_config' };
    const marketplace = profiles.includes('marketplace');
    if (found?.seconds !== undefined && found.seconds >= shortest && found.seconds <= longest) return pass(evidence);
    if (found?.seconds !== undefined && found.seconds > 0 && found.seconds < shortest) {
      const message = `ClientAliveInterval is ${found.seconds} seconds, where 180 is advised`;
      return fail(finding(message, evidence, { severity: marketplace ? 'warning' : 'info' }));
    }
    // The agent writes 180 on the first boot, but certification looks at the image.
    const isWritten = imageType === 'generalized' && boot.generalized.provisioner === 'waagent' && !marketplace;
    const now =
      found === undefined
        ? 'is not set'
        : found.seconds === undefined
          ? 'is not a time that sshd accepts'
          : found.seconds === 0
            ? 'is 0, which is off'
            : `is ${found.seconds} seconds`;
    const message = `ClientAliveInterval ${now}, where 180 is advised and ${longest} the most${isWritten ? '; waagent sets it on the first boot' : ''}`;
    return fail(finding(message, evidence, isWritten ? { severity: 'info' } : {}));
  },
});
