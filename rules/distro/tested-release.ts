import {
  agent,
  cloudInit,
  defineRule,
  distribution,
  fail,
  finding,
  firstBoot,
  judge,
  lifecycle,
  notApplicable,
  type ReleaseStanding,
  releaseSupport,
} from '../../src/rule-api.ts';

function untested(release: string, { subject, standing, listed, asOf }: ReleaseStanding): string {
  const found = standing === 'other' ? `does not name ${release.split(' ')[0]}` : `names ${listed}, not ${release}`;
  return `the list of releases for ${subject} ${found} (as of ${asOf})`;
}

export default defineRule({
  id: 'distro/tested-release',
  title: 'Distribution and release are endorsed on Azure and tested with the agent',
  severity: 'info',
  rationale:
    'Microsoft supports VMs of endorsed distributions; on a release that agent and cloud-init are not tested with, provisioning and extensions may behave differently.',
  remediation: 'Use a listed release where support matters.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    'https://github.com/Azure/WALinuxAgent/blob/master/tests_e2e/test_suites/images.yml',
  ],
  covers: ['distro-endorsed', 'distro-agent-tested'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { releaseSupport, distribution, lifecycle, agent, cloudInit, firstBoot },
  check({
    releaseSupport: support,
    distribution: system,
    lifecycle: life,
    agent: { installed },
    cloudInit: ci,
    firstBoot: { chosen },
  }) {
    if (!support || !system) return notApplicable('the distribution has no numbered release');
    if (!system.isKnownToAgent)
      return notApplicable('distro/identity reports that the agent does not know the distribution');
    if (life?.dates && life.today > (life.dates.extended ?? life.dates.standard)) {
      return notApplicable('distro/supported-release reports that the release is past its end of life');
    }
    const { release, endorsement, evidence } = support;
    if (endorsement.standing !== 'listed') {
      const message = `${release} is not one of the distributions that are endorsed on Azure (as of ${endorsement.asOf})`;
      return fail(finding(message, evidence, { subject: system.id }));
    }
    const lists = [
      ...(installed ? [support.agent] : []),
      ...(ci.installed && chosen === 'cloud-init' ? [support.cloudInit] : []),
    ];
    const findings = lists
      .filter(({ standing }) => standing === 'older' || standing === 'other')
      .map((list) => finding(untested(release, list), evidence, { subject: list.subject }));
    return judge(findings, evidence, installed && support.agentUnread ? [support.agentUnread] : []);
  },
});
