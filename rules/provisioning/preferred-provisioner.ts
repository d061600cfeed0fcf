import {
  cloudInit,
  defineRule,
  distribution,
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
  id: 'provisioning/preferred-provisioner',
  title: 'cloud-init provisions and the agent serves extensions',
  severity: 'warning',
  rationale:
    'Provisioning by waagent works on the first boot, but it is the outdated way: it takes no cloud-config, and newer ' +
    'features of Azure expect cloud-init.',
  remediation: 'Install and enable cloud-init, and leave the choice to the agent with Provisioning.Agent=auto.',
  fix: steps(
    installPackages({
      rhel: 'cloud-init cloud-utils-growpart gdisk',
      debian: 'cloud-init cloud-guest-utils gdisk',
      suse: 'cloud-init growpart gptfdisk',
      azurelinux: 'cloud-init cloud-utils-growpart gptfdisk',
    }),
    "sed -i '/^Provisioning.Agent=/d' /etc/waagent.conf && echo 'Provisioning.Agent=auto' >> /etc/waagent.conf",
  ),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/debian-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-image-provisioning-agent-update-awareness',
  ],
  covers: ['prov-cloud-init-preferred'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { firstBoot, distribution, cloudInit },
  check({ firstBoot: { chosen, generalized }, distribution: system, cloudInit: { installed } }) {
    if (generalized.outcome === 'unknown') return unknown(generalized.summary);
    if (chosen !== 'waagent')
      return chosen === 'none' ? notApplicable('nobody provisions') : pass(generalized.evidence);
    if (generalized.failure !== undefined) return notApplicable(`the first boot fails anyway: ${generalized.summary}`);
    const reason = agentOnly(system?.id, system?.versionId);
    if (reason !== undefined) return notApplicable(reason);
    const state = installed ? 'though cloud-init is installed' : 'and cloud-init is not installed';
    return fail(finding(`waagent provisions the VM ${state}`, generalized.evidence));
  },
});

/** Systems whose documented image is provisioned by the agent alone. */
function agentOnly(id = '', version = ''): string | undefined {
  if (/^(flatcar|coreos|freebsd|openbsd)$/.test(id)) return `the agent is the documented provisioner of ${id}`;
  if (id.startsWith('opensuse')) return 'the documented openSUSE image is provisioned by the agent';
  if (/^(rhel|centos|ol)$/.test(id) && /^[56]\b/.test(version)) return `cloud-init does not support ${id} ${version}`;
  return undefined;
}
