import { defineRule, finding, judge, kernelModules, modprobeRules } from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/floppy',
  title: 'The floppy driver is absent or disabled',
  severity: { base: 'info', marketplace: 'warning' },
  rationale:
    'The driver of a floppy drive that a VM of generation 1 pretends to have prints errors and delays each boot.',
  remediation: 'Blacklist the module floppy.',
  fix: ["echo 'blacklist floppy' > /etc/modprobe.d/blacklist-floppy.conf"],
  references: [
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/floppy.py',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['modprobe-floppy-disabled'],
  lisa: ['floppy.verify_floppy_module_is_blacklisted'],
  needs: ['rootfs'],
  appliesTo: { generations: [1], architectures: ['x86_64'] },
  facts: { kernelModules, modprobeRules },
  check({ kernelModules: { kernels, gap }, modprobeRules }) {
    if (gap) return gap;
    const found = kernels.map(({ driver, release }) => ({ ...driver('floppy', 'BLK_DEV_FD'), release }));
    const blocks = modprobeRules.blocks.filter(
      ({ module, onlyInInitramfs }) => module === 'floppy' && !onlyInInitramfs,
    );
    const findings = found.flatMap(({ state, release, evidence }) => {
      if (state === 'builtin')
        return finding(`kernel ${release} has the floppy driver built in`, evidence, { subject: release });
      return state === 'module' && blocks.length === 0
        ? finding('nothing keeps the module floppy from loading', evidence, { subject: release, restsOnAbsence: true })
        : [];
    });
    return judge(
      findings,
      blocks.map(({ evidence }) => evidence),
      modprobeRules.unread,
    );
  },
});
