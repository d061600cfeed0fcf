import {
  addKernelArguments,
  type BootEntry,
  type Distribution,
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  notApplicable,
  parametersNamed,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

/** What `setup_early_printk` of the kernel looks for anywhere in the value. */
const device = /ttyS\d|serial|mmio|pciserial|vga|dbgp|efi|xen|xdbc/;

/** Official images that leave the early console out. */
function isLeftOut(system: Distribution | undefined): boolean {
  return system?.family === 'azurelinux' || system?.id === 'almalinux';
}

function judgeEntry(entry: BootEntry, isOptional: boolean): FindingDraft[] {
  const early = parametersNamed(entry, 'earlyprintk');
  const wrong = early.find(({ value }) => value === undefined || !device.test(value));
  if (wrong) {
    const message = `${wrong.text} names no device of the kernel, so early messages go nowhere; earlyprintk=ttyS0 is meant`;
    return [finding(message, entry.evidence, { severity: 'warning', subject: 'misspelt' })];
  }
  if (early.length > 0 || parametersNamed(entry, 'earlycon').length > 0 || isOptional) return [];
  return [finding('the default boot entry has no earlyprintk=ttyS0', entry.evidence, { severity: 'info' })];
}

export default defineRule({
  id: 'boot/early-messages',
  title: 'Early kernel messages go to the serial port',
  severity: 'warning',
  rationale:
    'When the kernel crashes before its console driver loads, that boot leaves no trace in the boot diagnostics.',
  remediation: 'Add earlyprintk=ttyS0 to the kernel command line.',
  fix: addKernelArguments('earlyprintk=ttyS0,115200'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/torvalds/linux/blob/master/arch/x86/kernel/early_printk.c',
  ],
  covers: ['cmdline-earlyprintk-ttys0'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { architectures: ['x86_64'] },
  facts: { kernelCommandLine, distribution },
  check({ kernelCommandLine: commandLine, distribution: system }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const { defaults } = commandLine;
    return judge(
      judgeEntries(defaults, (entry) => judgeEntry(entry, isLeftOut(system))),
      defaults.map(({ evidence }) => evidence),
    );
  },
});
