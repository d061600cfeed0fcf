import {
  agent,
  agentPackage,
  defineRule,
  fail,
  finding,
  installPackages,
  isVersionOf,
  notApplicable,
  packages,
  pass,
  unknown,
} from '../../src/rule-api.ts';

/** Names of the agent's package, by distribution. */
const names = [
  'WALinuxAgent',
  'walinuxagent',
  'waagent',
  'python3-azure-agent',
  'python-azure-agent',
  'python311-azure-agent',
];

export default defineRule({
  id: 'agent/package',
  title: 'The agent comes from the distribution’s package',
  severity: 'info',
  rationale:
    'An agent installed by hand is not updated with the system, and stops on the first boot after an upgrade of Python.',
  remediation: 'Install the agent’s package of the distribution, and remove the copy installed by hand.',
  fix: installPackages(agentPackage),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
  ],
  covers: ['agent-from-distribution-package'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, packages },
  check({ agent: { installed, inSystemExtension, executable, version, versionUnread }, packages: database }) {
    if (inSystemExtension) return notApplicable('a system extension brings the agent');
    if (!installed || !executable) return notApplicable('the agent is not installed');
    if (database.state === 'absent') return notApplicable('the image has no package database');
    const found = database.find(...names);
    if (!found || database.owns(found.name, executable.path) === false) {
      const but = found ? `the package ${found.name} does not have it` : 'no package of the agent is installed';
      return fail(finding(`${executable.path} was installed by hand: ${but}`, executable));
    }
    if (versionUnread) return unknown(versionUnread.message);
    // Packages may leave out the last part of the agent's version or add one.
    const agree = !version || isVersionOf(version.text, found.version) || isVersionOf(found.version, version.text);
    if (agree) return pass(found.evidence);
    return fail(
      finding(`the agent is ${version.text}, installed over the package ${found.name} ${found.version}`, [
        version.evidence,
        found.evidence,
      ]),
    );
  },
});
