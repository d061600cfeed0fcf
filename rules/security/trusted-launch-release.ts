import { defineRule, fail, finding, notApplicable, pass, releaseSupport } from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/trusted-launch-release',
  title: 'The release is on the list for Trusted Launch',
  severity: 'warning',
  rationale: 'Other releases may not boot with Secure Boot on.',
  remediation: 'Build the image on a listed or newer release.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/trusted-launch'],
  covers: ['tl-supported-release'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['trusted-launch'] },
  facts: { releaseSupport },
  check({ releaseSupport: support }) {
    if (!support) return notApplicable('the distribution has no numbered release');
    const { release, evidence } = support;
    const { subject, standing, listed, asOf } = support.trustedLaunch;
    if (standing === 'listed') return pass(evidence);
    if (standing === 'other') {
      return fail(
        finding(`the list of releases for ${subject} does not name ${release} (as of ${asOf})`, evidence, {
          subject: release,
        }),
      );
    }
    const message = `${release} is ${standing === 'older' ? 'older than' : 'not among'} the releases listed for ${subject}: ${listed} (as of ${asOf})`;
    return fail(
      finding(message, evidence, { subject: release, ...(standing === 'newer' && { severity: 'info' as const }) }),
    );
  },
});
