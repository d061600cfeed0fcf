import {
  agent,
  defineRule,
  distribution,
  fail,
  finding,
  fipsMode,
  pass,
  unknown,
  unknownBy,
  usableConfiguration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/fips-switch',
  title: 'OS.EnableFIPS fits the mode in which the image runs',
  severity: 'info',
  rationale:
    'The agent that is told of FIPS in an image without it calls openssl in vain, and in FIPS mode extensions with protected settings fail on VMs where agent or platform cannot encrypt them as FIPS wants.',
  remediation: 'Set OS.EnableFIPS to what the image runs in, and try an extension with protected settings.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
  ],
  covers: ['agent-rdma-fips-flags'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution, fipsMode },
  check({ agent: facts, distribution: system, fipsMode: { kernel, libraries, ...fips } }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { value, evidence = { path: configuration.path } } = configuration.switch('OS.EnableFIPS');
    if (value && !kernel && !libraries) {
      const gap = unknownBy([fips.kernelUnread, fips.librariesUnread].flatMap((error) => error ?? []));
      if (gap) return gap;
      return fail(
        finding('OS.EnableFIPS=y, but neither fips=1 nor a FIPS policy puts the image into FIPS mode', evidence),
      );
    }
    // Azure Linux still allows in its FIPS mode what protected settings are encrypted with.
    if (kernel && system?.family !== 'azurelinux') {
      const message =
        'the kernel starts in FIPS mode, in which protected settings of extensions need a recent agent and the platform’s support';
      return fail(finding(message, kernel));
    }
    if (fips.kernelUnread && system?.family !== 'azurelinux') return unknown(fips.kernelUnread.message);
    return pass(evidence);
  },
});
