import {
  defineRule,
  endpointProtection,
  type FindingDraft,
  finding,
  judge,
  removePackages,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/endpoint-protection',
  title: 'Microsoft Defender for Endpoint is not set up in the image',
  severity: 'warning',
  rationale:
    'VMs made from the image share one identity in the tenant from their first boot on, and Marketplace refuses preinstalled protection.',
  remediation: 'Remove the package and its onboarding file, and let a policy or an extension set it up on each VM.',
  fix: steps(removePackages('mdatp'), 'rm -rf /etc/opt/microsoft/mdatp'),
  references: [
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
    'https://learn.microsoft.com/defender-endpoint/linux-install-manually',
  ],
  covers: ['sec-no-preinstalled-defender'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { endpointProtection },
  check({ endpointProtection: { installed, onboarding } }, { imageType, profiles }) {
    const findings: FindingDraft[] = [];
    if (installed && profiles.includes('marketplace')) {
      findings.push(finding('Microsoft Defender for Endpoint is preinstalled', installed));
    }
    // Of an installed agent in a generalized image generalization/extensions says it.
    if (onboarding && (imageType === 'specialized' || !installed)) {
      findings.push(finding('the onboarding file ties every VM to one tenant and device group', onboarding));
    }
    return judge(findings);
  },
});
