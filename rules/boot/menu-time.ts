import {
  defineRule,
  distribution,
  finding,
  grubConsoles,
  grubDefaults,
  judge,
  notApplicable,
  regenerateGrubMenu,
  steps,
} from '../../src/rule-api.ts';

const wanted = 'some seconds are wanted, such as 5';

export default defineRule({
  id: 'boot/menu-time',
  title: 'The GRUB menu waits a few seconds',
  severity: 'info',
  rationale: 'Without a wait no other kernel can be chosen from the serial console when a boot fails.',
  remediation: 'Set GRUB_TIMEOUT to some seconds and regenerate the configuration.',
  fix: steps("sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=5/' /etc/default/grub", regenerateGrubMenu),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-grub-proactive-configuration',
  ],
  covers: ['grub-timeout-visible'],
  lisa: [],
  needs: ['rootfs'],
  // The cloud images of Ubuntu and Azure Linux do not wait, on purpose.
  appliesTo: { families: ['rhel', 'fedora', 'oracle', 'suse', 'debian', 'other'] },
  facts: { grubConsoles, grubDefaults, distribution },
  check({ grubConsoles: consoles, grubDefaults: { settings }, distribution: system }) {
    const menus = consoles.filter(({ hasMenu }) => hasMenu);
    if (menus.length === 0) return notApplicable('GRUB 2 shows no menu of this image');
    if (system?.id === 'almalinux') return notApplicable('AlmaLinux’s own images do not wait, on purpose');
    const generated = menus.filter(({ timeouts }) => timeouts.length > 0);
    const timeout = settings.get('GRUB_TIMEOUT');
    const hidden = settings.get('GRUB_HIDDEN_TIMEOUT');
    const style = settings.get('GRUB_TIMEOUT_STYLE')?.value ?? '';
    if (generated.length > 0) {
      const findings = generated
        .filter(({ timeouts }) => timeouts.every((seconds) => seconds === 0))
        .map(({ path, timeoutEvidence }) => finding(`grub.cfg sets timeout=0; ${wanted}`, timeoutEvidence ?? { path }));
      return judge(
        findings,
        generated.map(({ path, timeoutEvidence }) => timeoutEvidence ?? { path }),
      );
    }
    if (hidden?.value === '0' && style !== 'menu' && style !== 'countdown')
      return judge([finding(`GRUB_HIDDEN_TIMEOUT is 0, which hides the menu; ${wanted}`, hidden.evidence)]);
    // grub-mkconfig takes 5 seconds where nothing is set.
    if (timeout === undefined || Number(timeout.value) !== 0) return judge([], timeout ? [timeout.evidence] : []);
    return judge([finding(`GRUB_TIMEOUT is 0; ${wanted}`, timeout.evidence)]);
  },
});
