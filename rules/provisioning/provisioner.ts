import {
  agentPackage,
  defineRule,
  enableUnit,
  fail,
  finding,
  firstBoot,
  installPackages,
  notApplicable,
  pass,
  steps,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/provisioner',
  title: 'A generalized image contains a working provisioner',
  severity: 'error',
  rationale:
    'Nobody takes up the administrator and host name of the deployment or tells Azure that the VM is ready, so the ' +
    'first boot ends in OSProvisioningTimedOut after about 40 minutes.',
  remediation: 'Install and enable cloud-init together with the Azure Linux Agent.',
  fix: steps(
    installPackages('cloud-init'),
    installPackages(agentPackage),
    'systemctl --root=/ enable cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service',
    enableUnit('waagent.service', { debian: 'walinuxagent.service' }),
  ),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-deployment-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
    'https://github.com/coreos/afterburn/blob/main/systemd/afterburn-checkin.service',
    'https://github.com/Azure/azure-init/blob/main/config/azure-init.service',
  ],
  covers: ['prov-agent-present'],
  lisa: ['provisioning.smoke_test'],
  needs: ['rootfs', 'options'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { firstBoot },
  check({ firstBoot: { generalized, candidates } }) {
    const { outcome, failure, provisioner, summary, evidence } = generalized;
    if (outcome === 'unknown') return unknown(summary);
    if (provisioner === 'custom') {
      const message = `only a program of the image's own reports to Azure, and what it provisions cannot be seen: ${summary}`;
      return fail(finding(message, evidence, { severity: 'warning' }));
    }
    if (failure === undefined) return pass(evidence);
    if (failure !== 'no-provisioner') return notApplicable(`another rule reports why the first boot fails: ${summary}`);
    const rejected = candidates.filter((candidate) => candidate.evidence.length > 0);
    const found = rejected.flatMap(({ obstacles }) => obstacles).join('; ');
    const message = `nothing in the image provisions the VM and reports to Azure: ${found || 'neither cloud-init, waagent, azure-init nor Ignition is installed'}`;
    return fail(finding(message, evidence));
  },
});
