import { architecture, defineRule, finding, judge, kernelModules, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/serial-console',
  title: 'The boot kernel has a serial console',
  severity: 'info',
  rationale:
    'A kernel without the driver of the serial port shows nothing on the serial console of Azure on any boot, and without SysRq over it a hung VM cannot be told to restart.',
  remediation: 'Use the kernel of the distribution, or set the options and build the kernel again.',
  references: ['https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-linux'],
  covers: ['kernel-serial-console-config'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { architecture, kernelModules },
  check({ architecture, kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    const configured = kernels.filter(({ configuration }) => configuration !== undefined);
    if (configured.length === 0)
      return unknown(`the build options of kernel ${kernels[0]?.release} are not in the image`);
    const wanted = architecture === 'aarch64' ? ['SERIAL_AMBA_PL011_CONSOLE'] : ['SERIAL_8250', 'SERIAL_8250_CONSOLE'];
    const findings = configured.flatMap(({ release, configuration = '', option }) =>
      [...wanted, 'MAGIC_SYSRQ_SERIAL'].flatMap((name) => {
        const found = option(name);
        // An option that a kernel does not know is not one that it lacks.
        if (found?.value === 'y' || (found === undefined && name === 'MAGIC_SYSRQ_SERIAL')) return [];
        const state = found === undefined || found.value === 'n' ? 'is not set' : `is ${found.value}`;
        return finding(
          `CONFIG_${name} of kernel ${release} ${state}; wanted: y`,
          found?.evidence ?? { path: configuration },
          { subject: name },
        );
      }),
    );
    return judge(findings, []);
  },
});
