import {
  biosGrub,
  bootGeneration,
  defineRule,
  finding,
  judge,
  notApplicable,
  notForGeneration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/bios-modules',
  title: 'A generation 1 image has GRUB’s modules for BIOS',
  severity: 'error',
  rationale: 'GRUB stops at its rescue prompt on the first boot, because normal.mod is not found.',
  remediation: 'Install GRUB for the target i386-pc again, which copies its modules.',
  fix: {
    debian: ['grub-install --target=i386-pc /dev/loopN'],
    default: ['grub2-install --target=i386-pc /dev/loopN'],
  },
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-vm-boot-error',
    'https://www.gnu.org/software/grub/manual/grub/html_node/GRUB-only-offers-a-rescue-shell.html',
  ],
  covers: ['grub-bios-modules-present'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { generations: [1] },
  facts: { biosGrub, bootGeneration },
  check({ biosGrub: { folders, isInstalled }, bootGeneration: boot }, intent) {
    const other = notForGeneration(1, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (folders.length === 0 && !isInstalled) return notApplicable('nothing shows a GRUB for BIOS');
    if (folders.length === 0) {
      const message = 'GRUB for BIOS was never installed to /boot: it has no folder i386-pc';
      return judge([finding(message, { path: '/boot' }, { subject: 'folder' })]);
    }
    const good = folders.filter(({ normalSize }) => (normalSize ?? 0) > 0);
    if (good.length > 0) {
      return judge(
        [],
        good.map(({ path }) => ({ path })),
      );
    }
    const findings = folders.map(({ path, normalSize }) => {
      const message =
        normalSize === undefined ? `normal.mod is missing from ${path}` : `normal.mod in ${path} is empty`;
      return finding(message, { path });
    });
    return judge(findings);
  },
});
