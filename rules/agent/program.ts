import {
  agent,
  agentPackage,
  agentRuntime,
  defineRule,
  fail,
  finding,
  firstBoot,
  notApplicable,
  pass,
  reinstallPackages,
  steps,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/program',
  title: 'The agent’s service starts a program that finds its Python package',
  severity: 'error',
  rationale:
    'The service fails on every boot when interpreter, program or package is missing, as after an upgrade of Python: nothing provisions or no VM extension works.',
  remediation: 'Reinstall the agent and Python from the distribution’s packages.',
  fix: steps(
    reinstallPackages(agentPackage),
    reinstallPackages('python3'),
    '# an agent from source: run setup.py install with the current python3',
  ),
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/setup.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/init/redhat/waagent.service',
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
  ],
  covers: ['agent-code-importable'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, agentRuntime, firstBoot },
  check({ agent: { installed, inSystemExtension, service }, agentRuntime: runtime, firstBoot: { chosen } }, intent) {
    if (inSystemExtension) return notApplicable('a system extension brings the agent with an interpreter of its own');
    if (!installed) return notApplicable('the agent is not installed');
    if (!runtime) return unknown(`nothing tells which program ${service.name} starts`);
    const { command, program, interpreter, packages, imported } = runtime;
    const severity = chosen === 'waagent' && intent.imageType === 'generalized' ? 'error' : 'warning';
    const missing = (message: string) => fail(finding(message, command, { severity }));
    if (!program.present)
      return missing(`the agent’s service starts ${program.path}, which is not an executable file here`);
    if (!interpreter) return pass(command);
    if (!interpreter.found) return missing(`the agent runs with ${interpreter.path}, which is not in the image`);
    if (imported) return pass([command, imported]);
    const { version } = interpreter.found;
    if (version === undefined)
      return unknown(`nothing tells the version of ${interpreter.path}, and so where it looks for packages`);
    const [elsewhere] = packages;
    const message = elsewhere
      ? `the agent’s Python package lies in ${elsewhere.path}, where ${interpreter.path} (Python ${version}) does not look`
      : `the agent’s Python package azurelinuxagent is not in the image, only its program ${program.path}`;
    return fail(finding(message, elsewhere ?? { path: program.path }, { severity }));
  },
});
