import {
  defineRule,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  notApplicable,
  removeKernelArguments,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

const hiding = ['rhgb', 'quiet', 'splash', 'splash=silent'];

export default defineRule({
  id: 'boot/visible-messages',
  title: 'Boot messages are not hidden by rhgb, quiet or splash',
  severity: 'warning',
  rationale: 'The serial log of a boot that fails lacks the messages that tell why.',
  remediation: 'Remove rhgb, quiet and splash from the kernel command line.',
  fix: removeKernelArguments('rhgb quiet splash splash=silent'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['cmdline-no-rhgb-quiet'],
  lisa: [],
  needs: ['rootfs'],
  // Ubuntu's own article writes "quiet splash".
  appliesTo: { families: ['rhel', 'oracle', 'suse'] },
  facts: { kernelCommandLine },
  check({ kernelCommandLine: commandLine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const findings = judgeEntries(commandLine.defaults, (entry) => {
      const found = entry.parameters.filter(({ text }) => hiding.includes(text)).map(({ text }) => text);
      const words = [...new Set(found)].join(' ');
      return words === '' ? [] : [finding(`the default boot entry hides messages with ${words}`, entry.evidence)];
    });
    return judge(
      findings,
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
