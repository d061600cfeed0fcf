import {
  architecture,
  bootTarget,
  defineRule,
  finding,
  judge,
  kernelCommandLine,
  notApplicable,
  parametersNamed,
  serialGetty,
  unitFiles,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/serial-login',
  title: 'A login prompt runs on the serial console',
  severity: 'warning',
  rationale: 'When a virtual machine boots without a network, its serial console offers no other way to log in.',
  remediation: 'Unmask serial-getty@ttyS0.service and the generator that starts it.',
  fix: ['systemctl --root=/ unmask serial-getty@ttyS0.service', 'systemctl --root=/ enable serial-getty@ttyS0.service'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-linux',
    'https://www.freedesktop.org/software/systemd/man/latest/systemd-getty-generator.html',
  ],
  covers: ['serial-getty-enabled'],
  lisa: ['serial_console.verify_serial_console'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { unitFiles, kernelCommandLine, serialGetty, bootTarget, architecture },
  check({ unitFiles: units, kernelCommandLine: { defaults }, serialGetty: generator, bootTarget: boot, architecture }) {
    const port = architecture === 'aarch64' ? 'ttyAMA0' : 'ttyS0';
    if (units.names.length === 0) {
      const terminal = boot.inittab.find(({ process }) => new RegExp(`\\b${port}\\b`).test(process));
      return terminal ? judge([], [terminal.evidence]) : notApplicable('systemd does not start this image');
    }
    const unit = units.state(`serial-getty@${port}.service`);
    if (unit.state.startsWith('masked')) {
      return judge([finding(`serial-getty@${port}.service is masked`, unit.evidence)]);
    }
    if (unit.startsAtBoot) return judge([], unit.evidence);
    const hasConsole = defaults.some((entry) =>
      parametersNamed(entry, 'console').some(({ value }) => value?.split(',')[0] === port),
    );
    if (!hasConsole) return notApplicable(`no boot entry makes ${port} a console, which boot/serial-console judges`);
    if (unit.state === 'absent') {
      return judge([finding('the unit serial-getty@.service is not in the image', [], { subject: 'template' })]);
    }
    if (generator.state === 'masked' || generator.state === 'absent') {
      const what = `systemd-getty-generator is ${generator.state}, and no link starts serial-getty@${port}.service`;
      return judge([finding(what, generator.evidence, { subject: 'generator' })]);
    }
    return judge([], [...generator.evidence, ...unit.evidence]);
  },
});
