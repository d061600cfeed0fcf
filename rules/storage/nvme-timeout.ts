import {
  addKernelArguments,
  type BootEntry,
  type BootKernel,
  bootKernels,
  defineRule,
  type FindingDraft,
  finding,
  isRescueEntry,
  judge,
  judgeEntries,
  kernelCommandLine,
  kernelModules,
  lastValue,
  moduleOptions,
  notApplicable,
} from '../../src/rule-api.ts';

const parameter = 'nvme_core.io_timeout';
const seconds = '240';

/** Kernels whose vendor made 240 seconds the default: Azure Linux, Ubuntu and SUSE for Azure, EL from 9.8 on. */
function hasOwnDefault({ release = '' }: BootKernel): boolean {
  const [, major, minor] = /\.el(\d+)(?:_(\d+))?/.exec(release) ?? [];
  if (major !== undefined) return Number(major) > 9 || (Number(major) === 9 && Number(minor ?? 0) >= 8);
  return /\.azl\d|[-_]azure/.test(release);
}

export default defineRule({
  id: 'storage/nvme-timeout',
  title: 'NVMe disks wait 240 seconds for an answer',
  severity: 'warning',
  rationale:
    'With the 30 seconds of older kernels remote disks report I/O errors when the platform pauses the virtual machine.',
  remediation: 'Add nvme_core.io_timeout=240 to the kernel command line of every boot entry.',
  fix: addKernelArguments('nvme_core.io_timeout=240'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/enable-nvme-interface',
    'https://learn.microsoft.com/azure/virtual-machines/nvme-linux',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
  ],
  covers: ['nvme-io-timeout'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { kernelCommandLine, bootKernels, kernelModules, moduleOptions },
  check({ kernelCommandLine: { entries }, bootKernels: boot, kernelModules: drivers, moduleOptions: options }) {
    const normal = entries.filter((entry) => !isRescueEntry(entry));
    if (normal.length === 0) return notApplicable('the image has no boot entry');
    const isBuiltIn = drivers.kernels.some((kernel) => kernel.driver('nvme_core').state === 'builtin');
    const option = options.value('nvme_core', 'io_timeout');
    const ofModule = isBuiltIn ? undefined : option;
    const isKnown = boot.kernels.length > 0 && boot.kernels.every(hasOwnDefault);
    const timeoutOf = (entry: BootEntry) => lastValue(entry, parameter) ?? ofModule?.value;
    const findings = judgeEntries(normal, (entry): FindingDraft[] => {
      const value = timeoutOf(entry);
      if (value === undefined || value === seconds) return [];
      const evidence = lastValue(entry, parameter) === undefined && ofModule ? ofModule.evidence : entry.evidence;
      return [finding(`${parameter} is ${value}; it should be ${seconds}`, evidence)];
    });
    const without = normal.filter((entry) => timeoutOf(entry) === undefined);
    if (without.length > 0) {
      const titles = [...new Set(without.map(({ title }) => title))].join(', ');
      const where = without.length === normal.length ? 'no boot entry has' : `missing from boot entry ${titles}:`;
      const places = without.map(({ evidence }) => evidence);
      const weaker = isKnown ? { severity: 'info' as const } : {};
      findings.push(finding(`${where} ${parameter}=${seconds}`, places, { ...weaker, subject: 'absent' }));
    }
    return judge(findings, ofModule ? [ofModule.evidence] : normal.map(({ evidence }) => evidence));
  },
});
