import { defineRule, fail, finding, firstBoot, notApplicable, pass, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/single-owner',
  title: 'Exactly one provisioner is chosen and it can run',
  severity: 'error',
  rationale:
    'An agent that is told to provision beside an enabled cloud-init reports ProvisioningFailed on the first boot; one ' +
    'that waits for a cloud-init that never delivers reports it after 30 minutes.',
  remediation: 'Let the agent choose with Provisioning.Agent=auto, and keep one provisioner enabled.',
  fix: ["sed -i '/^Provisioning.Agent=/d' /etc/waagent.conf && echo 'Provisioning.Agent=auto' >> /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-image-provisioning-agent-update-awareness',
    'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/cloudinit.py',
  ],
  covers: ['prov-exactly-one-owner'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { firstBoot },
  check({ firstBoot: { generalized, candidates } }) {
    const { outcome, failure, summary, evidence } = generalized;
    if (outcome === 'unknown') return unknown(summary);
    if (failure !== undefined) {
      const own = ['two-provisioners', 'cloud-init-not-installed', 'ovf-env-elsewhere'].includes(failure);
      return own
        ? fail(finding(summary, evidence))
        : notApplicable(`another rule reports why the first boot fails: ${summary}`);
    }
    const working = candidates.filter(({ works, provisioner }) => works && provisioner !== 'ignition');
    if (working.length < 2) return pass(evidence);
    const names = working.map(({ provisioner }) => provisioner).join(' and ');
    const places = working.flatMap((candidate) => candidate.evidence.slice(0, 1));
    return fail(finding(`${names} are both enabled and both provision the VM`, places, { severity: 'warning' }));
  },
});
