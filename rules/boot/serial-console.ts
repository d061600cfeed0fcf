import {
  addKernelArguments,
  architecture,
  type BootEntry,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  notApplicable,
  parametersNamed,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

const portOf = (value: string): string => value.split(',')[0] ?? '';

export default defineRule({
  id: 'boot/serial-console',
  title: 'The kernel logs to the first serial port',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'On every boot the boot diagnostics and the serial console of the virtual machine stay empty, and Marketplace certification refuses the image.',
  remediation:
    'Put console=ttyS0 (console=ttyAMA0 on arm64) last on the kernel command line and regenerate the boot configuration.',
  fix: addKernelArguments('console=tty1 console=ttyS0,115200n8'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
  ],
  covers: ['cmdline-console-ttys0', 'cmdline-console-order'],
  lisa: ['azure_image_standard.verify_serial_console_is_enabled'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, architecture },
  check({ kernelCommandLine: commandLine, architecture: machine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const wanted = machine === 'aarch64' ? ['ttyAMA0'] : machine === undefined ? ['ttyS0', 'ttyAMA0'] : ['ttyS0'];
    const isWanted = (value: string | undefined) => wanted.includes(portOf(value ?? ''));
    const configured = commandLine.configured.find(
      ({ parameter }) => parameter.name === 'console' && isWanted(parameter.value),
    );
    const judgeEntry = (entry: BootEntry): FindingDraft[] => {
      const consoles = parametersNamed(entry, 'console').map(({ value }) => value ?? '');
      const last = consoles.at(-1) ?? '';
      if (consoles.some(isWanted)) {
        if (isWanted(last)) return [];
        const message = `the last console is ${last}, so early messages of user space miss console=${wanted[0]}`;
        return [finding(message, entry.evidence, { severity: 'info', subject: 'order' })];
      }
      const found = consoles.length === 0 ? 'no console at all' : consoles.map((name) => `console=${name}`).join(' ');
      const message = `the default boot entry has ${found} instead of console=${wanted[0]}`;
      if (!configured) return [finding(message, entry.evidence, { subject: 'absent' })];
      // Severity of its own: whoever set it meant to, and one command brings it in.
      const hint = `${message}; ${configured.evidence.path} has it, but the boot configuration was not generated again`;
      return [finding(hint, [entry.evidence, configured.evidence], { severity: 'warning', subject: 'absent' })];
    };
    return judge(
      judgeEntries(commandLine.defaults, judgeEntry),
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
