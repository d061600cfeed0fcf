import {
  agent,
  agentPackage,
  defineRule,
  fail,
  finding,
  firstBoot,
  installPackages,
  notApplicable,
  pass,
} from '../../src/rule-api.ts';

/** Systems that do without the agent on purpose. */
const agentless: Readonly<Record<string, string>> = {
  ignition: 'Ignition provisions, as on Fedora CoreOS and Flatcar',
  'azure-init': 'azure-init provisions',
  custom: 'a program of the image’s own reports to Azure',
};

export default defineRule({
  id: 'agent/presence',
  title: 'The Azure Linux Agent is installed',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'No VM extension works without the agent, and the deployment waits for it for up to 40 minutes unless the VM is created with the agent switched off.',
  remediation:
    'Install the agent, or deploy every VM with the agent switched off: az vm create --enable-agent false, or provisionVMAgent false in a template.',
  fix: installPackages(agentPackage),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/linux/no-agent',
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
    'https://github.com/Azure/WALinuxAgent/blob/master/setup.py',
  ],
  covers: ['agent-installed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, firstBoot },
  check({ agent: { installed, executable, version, inSystemExtension }, firstBoot: { chosen, generalized } }, intent) {
    if (installed) return pass([executable, version?.evidence].filter((evidence) => evidence !== undefined));
    if (inSystemExtension) {
      return notApplicable(
        'the system extension that brings the agent is on the OEM partition, which is not part of the target',
      );
    }
    if (intent.imageType === 'generalized' && generalized.failure !== undefined) {
      return notApplicable(`another rule reports why the first boot fails: ${generalized.summary}`);
    }
    const reason = agentless[chosen];
    const severity =
      chosen === 'ignition' || !intent.profiles.includes('marketplace') ? { severity: 'info' as const } : {};
    if (reason)
      return fail(finding(`waagent is not in the image: ${reason}, but no VM extension will work`, [], severity));
    return fail(finding('waagent is not in the image, so no VM extension will work'));
  },
});
