import {
  agent,
  defineRule,
  fail,
  finding,
  firstBoot,
  notApplicable,
  pass,
  usableConfiguration,
} from '../../src/rule-api.ts';

const usual = '/var/lib/waagent';
/** Appliances whose own parts agree on another directory. */
const appliances = ['/shared/vadc/azure/waagent', '/usr/Firewall/lib/waagent'];

export default defineRule({
  id: 'agent/lib-dir',
  title: 'The agent keeps its state in /var/lib/waagent',
  severity: 'warning',
  rationale:
    'cloud-init puts ovf-env.xml there on the first boot, and extensions look for each other’s state there on every VM, wherever Lib.Dir leads.',
  remediation: 'Delete the line Lib.Dir.',
  fix: ["sed -i '/^Lib.Dir=/d' /etc/waagent.conf"],
  references: ['https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py'],
  covers: ['agent-lib-dir-default'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, firstBoot },
  check({ agent: facts, firstBoot: { generalized } }, intent) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { libDir } = facts;
    const { evidence = { path: configuration.path } } = configuration.string('Lib.Dir');
    if (libDir === usual) return pass(evidence);
    if (appliances.includes(libDir)) return notApplicable(`${libDir} is where this appliance keeps the agent`);
    if (intent.imageType === 'generalized' && generalized.failure === 'ovf-env-elsewhere') {
      return notApplicable(`provisioning/single-owner reports what comes of it: ${generalized.summary}`);
    }
    return fail(finding(`Lib.Dir=${libDir}, where extensions and cloud-init expect ${usual}`, evidence));
  },
});
