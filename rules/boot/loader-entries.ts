import {
  defineRule,
  type FindingDraft,
  finding,
  grubConsoles,
  grubDefaults,
  grubEnvironments,
  judge,
  loaderEntries,
  notApplicable,
} from '../../src/rule-api.ts';

const reference = /\$(?:kernelopts\b|\{kernelopts\})/;

export default defineRule({
  id: 'boot/loader-entries',
  title: 'Boot loader entries, grubenv and /etc/default/grub agree',
  severity: 'error',
  rationale:
    'Entries that refer to kernelopts boot without root= when nothing sets it; a kernelopts that no entry uses makes grubby and kernel updates change something else than what boots.',
  remediation:
    'Keep the options in one place: in the entries, or in kernelopts of grubenv where the entries refer to it.',
  fix: ['grub2-editenv - unset kernelopts', 'grub2-mkconfig -o /boot/grub2/grub.cfg'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://uapi-group.org/specifications/specs/boot_loader_specification/',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['grub-bls-consistency'],
  lisa: ['azure_image_standard.verify_grub'],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'fedora', 'oracle'] },
  facts: { loaderEntries, grubConsoles, grubDefaults, grubEnvironments },
  check({ loaderEntries: files, grubConsoles: consoles, grubDefaults: { settings }, grubEnvironments: blocks }) {
    const normal = files.filter(({ isRescue }) => !isRescue);
    if (normal.length === 0) return notApplicable('/boot/loader/entries has no entry');
    if (!consoles.some(({ usesLoaderEntries }) => usesLoaderEntries))
      return notApplicable('no grub.cfg reads the boot loader entries');
    const findings: FindingDraft[] = [];
    for (const { path, size, isValid } of blocks) {
      if (!isValid) {
        const message = `${path} does not begin with "# GRUB Environment Block", so GRUB ignores it`;
        findings.push(finding(message, { path }, { severity: 'warning' }));
      } else if (size % 1024 !== 0) {
        const message = `${path} has ${size} bytes instead of 1024, so GRUB cannot write to it`;
        findings.push(finding(message, { path }, { severity: 'warning' }));
      }
    }
    const stored = blocks.map(({ variables }) => variables.get('kernelopts')).find((found) => found !== undefined);
    const referring = normal.filter(({ options }) => reference.test(options));
    if (referring.length > 0 && !stored && !consoles.some(({ setsKernelOptions }) => setsKernelOptions)) {
      const message =
        'entries refer to $kernelopts, which neither grubenv nor grub.cfg sets, so they boot without root=';
      const places = referring.map(({ evidence }) => evidence);
      findings.push(finding(message, places, { subject: 'kernelopts' }));
    }
    if (stored && referring.length === 0) {
      const message = 'grubenv keeps a kernelopts that no boot loader entry refers to';
      findings.push(finding(message, stored.evidence, { severity: 'warning', subject: 'kernelopts' }));
    }
    const isOn = settings.get('GRUB_ENABLE_BLSCFG');
    if (settings.size > 0 && isOn?.value !== 'true') {
      const message = 'GRUB_ENABLE_BLSCFG is not true, so the next grub2-mkconfig leaves the boot loader entries out';
      findings.push(finding(message, isOn?.evidence ?? { path: '/etc/default/grub' }, { severity: 'warning' }));
    }
    const [one, another] = [
      ...new Map(normal.map((file) => [file.options.trim().replace(/\s+/g, ' '), file])).values(),
    ];
    if (one && another) {
      const message = 'boot loader entries boot with different options';
      const places = [one.evidence, another.evidence];
      findings.push(finding(message, places, { severity: 'warning', subject: 'options' }));
    }
    return judge(
      findings,
      normal.map(({ evidence }) => evidence),
    );
  },
});
