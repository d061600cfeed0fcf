import {
  agent,
  agentRuntime,
  compareDottedVersions,
  defineRule,
  type FindingDraft,
  family,
  finding,
  installPackages,
  judge,
  minimumVersions,
  notApplicable,
  steps,
  unknown,
  updateAgent,
} from '../../src/rule-api.ts';

/** What replaces the module crypt, which Python 3.13 no longer has. */
const cryptModules = ['crypt', 'crypt_r', 'legacycrypt'];
/** Families whose older releases the distribution supports with the Python that they came with. */
const keepOldPython: readonly (string | undefined)[] = ['rhel', 'oracle', 'suse'];

export default defineRule({
  id: 'agent/python',
  title: 'The agent’s Python has what the agent needs',
  severity: 'warning',
  rationale:
    'The agent stops on every boot, or fails while it provisions, when its Python lacks a module or is too new for it; certification wants Python 3.9.',
  remediation: 'Install the missing module, or an agent that suits the Python of the image.',
  fix: steps(installPackages('python3-distro'), updateAgent),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/Azure/WALinuxAgent/blob/master/setup.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
  ],
  covers: ['agent-python'],
  lisa: ['azure_image_standard.verify_python_version'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, agentRuntime, family },
  check({ agent: { installed, version: agentVersion }, agentRuntime: runtime, family: ofSystem }, { profiles }) {
    if (!installed || !runtime) return notApplicable('there is no agent whose program can be seen');
    const { interpreter, importsImp } = runtime;
    if (!interpreter) return notApplicable('the agent’s program is no Python script');
    if (!interpreter.found) return notApplicable('agent/program reports that the interpreter is missing');
    const { found, path } = interpreter;
    const { version } = found;
    if (version === undefined) return unknown(`nothing tells the version of ${path}`);
    const isAtLeast = (wanted: string) => compareDottedVersions(version, wanted) >= 0;
    const findings: FindingDraft[] = [];
    const add = (message: string, severity: 'warning' | 'info', subject: string, evidence = found.evidence) =>
      findings.push(finding(message, evidence, { severity, subject }));

    if (!isAtLeast(minimumVersions.pythonForAgent.version)) {
      add(
        `the agent runs with Python ${version}, but needs ${minimumVersions.pythonForAgent.version}`,
        'warning',
        'old',
      );
    }
    if (isAtLeast('3.8') && !found.findModule('distro')) {
      add(
        `Python ${version} has no module distro, without which the agent does not know the distribution`,
        'warning',
        'distro',
      );
    }
    if (isAtLeast('3.12') && importsImp) {
      add(`the agent imports the module imp, which Python ${version} does not have`, 'warning', 'imp', importsImp);
    }
    if (isAtLeast('3.13') && !cryptModules.some((name) => found.findModule(name))) {
      add(
        `Python ${version} has neither crypt_r nor legacycrypt, so the agent${agentVersion ? ` ${agentVersion.text}` : ''} cannot set passwords`,
        'warning',
        'crypt',
      );
    }
    if (profiles.includes('marketplace') && !isAtLeast(minimumVersions.python.version)) {
      const severity = keepOldPython.includes(ofSystem) ? 'info' : 'warning';
      add(
        `Python is ${version}, but certification wants ${minimumVersions.python.version} (as of ${minimumVersions.python.asOf})`,
        severity,
        'certification',
      );
    }
    return judge(findings, [found.evidence]);
  },
});
