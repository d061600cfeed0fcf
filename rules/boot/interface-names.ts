import {
  defineRule,
  distribution,
  finding,
  interfaceNaming,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/interface-names',
  title: 'The first network interface stays eth0 where its configuration says so',
  severity: 'warning',
  rationale:
    'On the first boot a file for eth0 does not match an interface that was renamed, and cloud-init reports that the primary interface is not eth0.',
  remediation: 'Add net.ifnames=0 to the kernel command line.',
  fix: ["grubby --update-kernel=ALL --args='net.ifnames=0'"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-troubleshooting',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['cmdline-net-ifnames-0'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle'] },
  facts: { kernelCommandLine, distribution, interfaceNaming },
  check({ kernelCommandLine: commandLine, distribution: system, interfaceNaming: { masks, configured } }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const release = Number.parseInt(system?.versionId ?? '', 10);
    if (!(release <= 7)) return notApplicable('interfaces of Hyper-V keep their names since EL 8');
    if (release < 7) return notApplicable('EL 6 has no predictable interface names');
    if (masks.length > 0) return judge([], masks);
    const open = commandLine.defaults.filter((entry) => lastValue(entry, 'net.ifnames') !== '0');
    const [named] = configured;
    const findings = judgeEntries(open, ({ evidence }) => {
      if (!named) return [finding('the default boot entry has no net.ifnames=0', evidence, { severity: 'info' })];
      const message = `the default boot entry has no net.ifnames=0, and ${named.path} is for eth0`;
      return [finding(message, [evidence, named])];
    });
    return judge(
      findings,
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
