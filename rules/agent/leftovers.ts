import {
  agent,
  agentLeftovers,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/leftovers',
  title: 'A removed agent leaves no configuration behind',
  severity: 'info',
  rationale:
    'An agent that is installed again later, on any VM of the image, takes up the old settings, perhaps with provisioning or extensions switched off.',
  remediation: 'Delete the configuration file and the links to the service.',
  fix: [
    'rm -f /etc/waagent.conf* /etc/systemd/system/*.wants/waagent.service /etc/systemd/system/*.wants/walinuxagent.service',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/linux/no-agent',
  ],
  covers: ['agent-removed-artifacts'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, agentLeftovers },
  check({ agent: { installed, inSystemExtension }, agentLeftovers: { configuration, links, unread } }) {
    if (installed || inSystemExtension) return notApplicable('the agent is there');
    const findings: FindingDraft[] = [];
    if (configuration.length > 0) {
      findings.push(finding('the configuration of an agent that was removed is left', configuration));
    }
    if (links.length > 0) {
      findings.push(finding('a link starts the service of an agent that was removed', links, { subject: 'links' }));
    }
    return judge(findings, [], unread);
  },
});
