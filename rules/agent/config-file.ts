import {
  agent,
  agentPackage,
  defineRule,
  fail,
  finding,
  firstBoot,
  isCouldNotRead,
  notApplicable,
  pass,
  reinstallPackages,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/config-file',
  title: 'waagent.conf is there, not empty and valid UTF-8',
  severity: 'error',
  rationale:
    'The agent does not start without a configuration that it can decode, so on no boot does it provision, report or run extensions.',
  remediation: 'Put back the file that the package ships.',
  fix: {
    ...reinstallPackages(agentPackage),
    debian: ['apt-get -y install --reinstall -o Dpkg::Options::=--force-confmiss waagent'],
    ubuntu: ['apt-get -y install --reinstall -o Dpkg::Options::=--force-confmiss walinuxagent'],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-config-exists'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, firstBoot },
  check({ agent: { installed, inSystemExtension, configuration }, firstBoot: { generalized } }, intent) {
    if (inSystemExtension) return notApplicable('the configuration comes with the agent’s system extension');
    if (!installed) return notApplicable('the agent is not installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if (!('defect' in configuration)) return pass({ path: configuration.path });
    const { path, defect, offset } = configuration;
    const onlyProvisioner = intent.imageType === 'generalized' && generalized.failure === 'agent-configuration-defect';
    const wrong = {
      missing: 'is missing',
      empty: 'is empty',
      'not-utf8': `is not UTF-8: byte ${offset} begins an invalid sequence`,
    }[defect];
    const effect = onlyProvisioner
      ? 'so the agent, the only provisioner, does not start'
      : 'so the agent does not start';
    return fail(finding(`${path} ${wrong}, ${effect}`, { path }, onlyProvisioner ? {} : { severity: 'warning' }));
  },
});
