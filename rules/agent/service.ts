import { agent, defineRule, enableUnit, fail, finding, firstBoot, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/service',
  title: 'The agent’s service starts at boot',
  severity: 'error',
  rationale:
    'When the agent is the provisioner, nobody reports ready on the first boot and the deployment times out; otherwise VM extensions stay in the state “transitioning”.',
  remediation: 'Enable the service: walinuxagent.service on Debian and Ubuntu, waagent.service elsewhere.',
  fix: enableUnit('waagent.service', { debian: 'walinuxagent.service' }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/factory.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/init/waagent.service',
  ],
  covers: ['agent-service-enabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, firstBoot },
  check({ agent: { installed, inSystemExtension, service, executable }, firstBoot: { generalized } }, intent) {
    if (inSystemExtension) return notApplicable('a system extension brings the agent and starts it');
    if (!installed) return notApplicable('the agent is not installed');
    if (service.startsAtBoot) return pass(service.evidence);
    const onlyProvisioner = intent.imageType === 'generalized' && generalized.failure === 'agent-service-not-started';
    const weaker = onlyProvisioner || intent.profiles.includes('marketplace') ? {} : { severity: 'warning' as const };
    const state =
      service.state === 'absent'
        ? 'there is no unit or init script for waagent'
        : `${service.name} is ${service.state}`;
    const effect = onlyProvisioner ? 'and nothing else provisions the VM' : 'so no VM extension will work';
    const evidence = service.evidence.length > 0 || !executable ? service.evidence : executable;
    return fail(finding(`${state}, ${effect}`, evidence, weaker));
  },
});
