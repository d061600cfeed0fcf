import {
  defineRule,
  type FindingDraft,
  finding,
  type GrubSetting,
  grubConsoles,
  grubDefaults,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

const terminals = ['GRUB_TERMINAL', 'GRUB_TERMINAL_OUTPUT', 'GRUB_TERMINAL_INPUT'];
const words = (value: string): readonly string[] => value.split(/\s+/);

/** Quotes and dashes of a word processor, which GRUB takes for letters. */
const beyondAscii = /[^\t\n\r -~]/;

function judgeSpelling(settings: readonly GrubSetting[]): FindingDraft[] {
  return settings.flatMap(({ name, value, evidence }) => {
    if (beyondAscii.test(value)) {
      return finding(`${name} holds a quote or dash that is no ASCII character, so GRUB misreads it`, evidence);
    }
    const isCommand = name !== 'GRUB_SERIAL_COMMAND' || value === '' || /^serial\b/.test(value.trimStart());
    return isCommand ? [] : finding('GRUB_SERIAL_COMMAND does not begin with the command serial', evidence);
  });
}

export default defineRule({
  id: 'boot/menu-console',
  title: 'GRUB shows its menu on the serial port',
  severity: 'warning',
  rationale: 'When a boot fails, its menu cannot be reached from the serial console of the virtual machine.',
  remediation: 'Set GRUB_TERMINAL and GRUB_SERIAL_COMMAND in /etc/default/grub and regenerate the configuration.',
  fix: [
    "printf '%s\\n' 'GRUB_TERMINAL=\"serial console\"' 'GRUB_SERIAL_COMMAND=\"serial --speed=115200 --unit=0 --word=8 --parity=no --stop=1\"' >> /etc/default/grub",
    'grub2-mkconfig -o /boot/grub2/grub.cfg',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-grub-proactive-configuration',
  ],
  covers: ['grub-serial-terminal'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle', 'suse'] },
  facts: { grubConsoles, grubDefaults },
  check({ grubConsoles: consoles, grubDefaults: { settings } }) {
    const menus = consoles.filter(({ hasMenu }) => hasMenu);
    if (menus.length === 0) return notApplicable('GRUB 2 shows no menu of this image');
    const chosen = terminals.flatMap((name) => settings.get(name) ?? []);
    const command = settings.get('GRUB_SERIAL_COMMAND');
    const findings = judgeSpelling([...chosen, ...(command ? [command] : [])]);
    const inMenu = menus.flatMap((menu) => menu.terminals).filter(({ names }) => names.includes('serial'));
    const isPlanned = chosen.some(({ value }) => words(value).includes('serial'));
    if (findings.length === 0 && inMenu.length === 0 && !isPlanned) {
      const places = [...chosen.map(({ evidence }) => evidence), ...menus.map(({ path }) => ({ path }))];
      const found = chosen.map(({ name, value }) => `${name}=${value}`).join(' ');
      const message = found === '' ? 'no terminal of GRUB is chosen' : `GRUB is shown by ${found}`;
      const wanted = 'so its menu is not on the serial port; GRUB_TERMINAL="serial console" is wanted';
      findings.push(finding(`${message}, ${wanted}`, places, { subject: 'terminal' }));
    }
    return judge(
      findings,
      [...inMenu, ...chosen].map(({ evidence }) => evidence),
    );
  },
});
