import {
  type BootEntry,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  notApplicable,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

/** Parameters of which each adds to the others, or that articles and tools repeat without harm. */
const adding =
  /^(?:console|earlycon|earlyprintk|ro|rw|crashkernel|hugepages|hugepagesz|memmap|video|ip|ifname|nameserver|bootdev|vlan|bond|bridge|team|route|netconsole|pci|acpi_osi|(?:module|initcall)[-_]blacklist|modprobe\.blacklist|rd\..+|systemd\..+|luks\..+|ignition\..+|dyndbg|.+\.dyndbg|usbcore\.quirks|trace_event|cc:|\$.+)$/;

function judgeEntry(entry: BootEntry): FindingDraft[] {
  const values = new Map<string, string[]>();
  for (const { name, text } of entry.parameters) {
    if (!adding.test(name)) values.set(name, [...(values.get(name) ?? []), text]);
  }
  const repeated = [...values.values()].filter((texts) => texts.length > 1);
  return repeated.map((texts) => {
    const distinct = [...new Set(texts)];
    const message =
      distinct.length === 1
        ? `${distinct[0]} stands ${texts.length} times on the kernel command line`
        : `the kernel command line has ${texts.join(' and ')}, of which the last counts`;
    return finding(message, entry.evidence, { subject: distinct.join(' ') });
  });
}

export default defineRule({
  id: 'boot/repeated-parameters',
  title: 'Kernel parameters are not repeated',
  severity: 'info',
  rationale: 'A repeated parameter hides which value wins at boot, and marks an edit of GRUB that went wrong.',
  remediation:
    'Edit GRUB_CMDLINE_LINUX in /etc/default/grub so that each parameter stands there once, and regenerate the configuration.',
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
    'https://docs.kernel.org/admin-guide/kernel-parameters.html',
  ],
  covers: ['cmdline-no-duplicates'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine },
  check({ kernelCommandLine: commandLine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    return judge(
      judgeEntries(commandLine.defaults, judgeEntry),
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
