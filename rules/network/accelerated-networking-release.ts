import { defineRule, fail, finding, notApplicable, pass, releaseSupport } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/accelerated-networking-release',
  title: 'The release supports accelerated networking as it comes',
  severity: 'info',
  rationale: 'On older releases the VM keeps the slower network path, or loses its network on the first boot.',
  remediation: 'Build the image on a listed or newer release.',
  references: ['https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview'],
  covers: ['an-supported-release'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['accelerated-networking'] },
  facts: { releaseSupport },
  check({ releaseSupport: support }) {
    if (!support) return notApplicable('the distribution has no numbered release');
    const { release, evidence } = support;
    const { subject, standing, listed, asOf } = support.acceleratedNetworking;
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
