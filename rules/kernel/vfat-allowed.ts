import {
  defineRule,
  finding,
  initramfs,
  isCouldNotRead,
  judge,
  kernelModules,
  modprobeRules,
  mountPlan,
  rebuildInitramfs,
  steps,
} from '../../src/rule-api.ts';

/** Whether a module loads by an alias, which a blacklist stops; the others load by name. */
const drivers: ReadonlyMap<string, boolean> = new Map([
  ['vfat', true],
  ['fat', false],
  ['nls_cp437', false],
]);

export default defineRule({
  id: 'kernel/vfat-allowed',
  title: 'No hardening rule keeps vfat from loading',
  severity: 'error',
  rationale:
    'With fat or vfat disabled the EFI system partition cannot be mounted, and the boot ends in the emergency shell.',
  remediation: 'Remove fat and vfat from the hardening rules in /etc/modprobe.d and rebuild the initramfs.',
  fix: steps(
    "sed -i -E '/^(install|blacklist)[[:space:]]+(v?fat|nls_cp437)\\b/d' /etc/modprobe.d/*.conf",
    rebuildInitramfs,
  ),
  references: ['https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/vfat-disabled-boot-issues'],
  covers: ['modprobe-vfat-not-disabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { initramfs, kernelModules, modprobeRules, mountPlan },
  check({ initramfs, kernelModules: { kernels, gap }, modprobeRules, mountPlan }) {
    if (gap) return gap;
    const awaited = mountPlan.mounts.find(({ type, stopsBoot }) => type === 'vfat' && stopsBoot);
    const severity = awaited ? 'error' : 'warning';
    const packed = initramfs.flatMap(({ content }) =>
      typeof content === 'object' && !isCouldNotRead(content) ? content.blocks : [],
    );
    const findings = [...drivers].flatMap(([name, byAlias]) => {
      if (!kernels.some(({ driver }) => driver(name).state === 'module')) return [];
      const isEffective = ({ module, kind }: (typeof packed)[number]) =>
        module === name && (byAlias || kind !== 'blacklist');
      const own = modprobeRules.blocks.filter(isEffective);
      const effect = awaited ? `, and the boot waits for ${awaited.mountPoint}` : '';
      return (own.length > 0 ? own : packed.filter(isEffective)).map(({ evidence }) =>
        finding(`${name} is kept from loading${effect}`, evidence, { severity }),
      );
    });
    return judge(findings, [], [...modprobeRules.unread, ...mountPlan.unread]);
  },
});
