import {
  defineRule,
  finding,
  grubConsoles,
  judge,
  kernelCommandLine,
  notApplicable,
  regenerateGrubMenu,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

/** What matters on Azure and has no rule that reports its absence together with this cause. */
const names = ['earlyprintk', 'earlycon', 'rootdelay', 'net.ifnames', 'nvme_core.io_timeout', 'numa'];

export default defineRule({
  id: 'boot/generated-configuration',
  title: 'Settings of /etc/default/grub have reached the boot entries',
  severity: 'warning',
  rationale: 'Parameters that stand only in the defaults of GRUB have no effect on the next boot.',
  remediation: 'Generate the boot configuration again.',
  fix: {
    ...regenerateGrubMenu,
    rhel: ['grub2-mkconfig -o /boot/grub2/grub.cfg   # EL 9 and later: add --update-bls-cmdline'],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://www.gnu.org/software/grub/manual/grub/html_node/Simple-configuration.html',
  ],
  covers: ['grub-config-regenerated'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, grubConsoles },
  check({ kernelCommandLine: commandLine, grubConsoles: consoles }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    if (!consoles.some(({ hasMenu }) => hasMenu)) return notApplicable('GRUB 2 shows no menu of this image');
    const { defaults, configured } = commandLine;
    const planned = configured.filter(({ evidence }) => evidence.path.startsWith('/etc/default/grub'));
    if (planned.length === 0) return notApplicable('/etc/default/grub sets no kernel parameters');
    const missing = planned.filter(
      ({ parameter }) =>
        names.includes(parameter.name) &&
        !defaults.some((entry) => entry.parameters.some(({ text }) => text === parameter.text)),
    );
    const [first] = missing;
    if (!first) {
      return judge(
        [],
        defaults.map(({ evidence }) => evidence),
      );
    }
    const words = [...new Set(missing.map(({ parameter }) => parameter.text))].join(' ');
    const message = `${words} of ${first.evidence.path} is not in the default boot entry, which was not generated again`;
    return judge([
      finding(message, [first.evidence, ...defaults.map(({ evidence }) => evidence)], { subject: 'missing' }),
    ]);
  },
});
