import {
  defineRule,
  type Evidence,
  finding,
  isRescueEntry,
  judge,
  kernelCommandLine,
  notApplicable,
  removeKernelArguments,
} from '../../src/rule-api.ts';

const hiding = ['libata.atapi_enabled=0', 'reserve=0x1f0,0x8'];

export default defineRule({
  id: 'boot/visible-dvd',
  title: 'Nothing on the kernel command line hides the virtual DVD',
  severity: 'error',
  rationale:
    'libata.atapi_enabled=0 and reserve=0x1f0,0x8 hide the IDE drive with the provisioning data, so the first boot of a generation 1 VM does not provision.',
  remediation: 'Remove both parameters from every boot entry and from the files that entries are generated from.',
  fix: removeKernelArguments('libata.atapi_enabled=0 reserve=0x1f0,0x8'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['cmdline-no-atapi-disable'],
  lisa: ['azure_image_standard.verify_grub'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine },
  check({ kernelCommandLine: { entries, configured } }, intent) {
    if (entries.length === 0 && configured.length === 0) return notApplicable('the image has no boot entry');
    const needsDvd = intent.imageType === 'generalized' && intent.generation !== 2;
    const severity = needsDvd || intent.profiles.includes('marketplace') ? 'error' : 'warning';
    const findings = hiding.flatMap((text) => {
      const booted: Evidence[] = entries
        .filter((entry) => !isRescueEntry(entry) && entry.parameters.some((parameter) => parameter.text === text))
        .map(({ evidence }) => evidence);
      const next = configured.filter(({ parameter }) => parameter.text === text).map(({ evidence }) => evidence);
      if (booted.length > 0)
        return finding(`${text} hides the virtual DVD`, [...booted, ...next], { severity, subject: text });
      const message = `${text} would hide the virtual DVD once the boot configuration is generated again`;
      return next.length > 0 ? finding(message, next, { severity: 'warning', subject: text }) : [];
    });
    return judge(
      findings,
      entries.filter(({ isDefault }) => isDefault).map(({ evidence }) => evidence),
    );
  },
});
