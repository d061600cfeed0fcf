import {
  addInitramfsDrivers,
  type CouldNotRead,
  defineRule,
  type FindingDraft,
  finding,
  initramfs,
  isCouldNotRead,
  judge,
  kernelCommandLine,
  kernelModules,
  notApplicable,
  rebuildInitramfs,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/initramfs-network-drivers',
  title: 'The initramfs offers the Hyper-V network and keyboard',
  severity: 'error',
  rationale:
    'A root file system on the network needs hv_netvsc before the first boot can mount it; all other images do without, but certification tests for both drivers.',
  remediation: 'Add hv_netvsc and hyperv-keyboard to the initramfs and build it anew.',
  fix: steps(addInitramfsDrivers('hv_netvsc hyperv-keyboard', 'azure-net'), rebuildInitramfs),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-hyper-v-driver-issues',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/hv_module.py',
  ],
  covers: ['initramfs-hyperv-network'],
  lisa: ['hv_module.verify_initrd_modules'],
  needs: ['rootfs', 'initramfs'],
  appliesTo: {},
  facts: { initramfs, kernelCommandLine, kernelModules },
  check({ initramfs, kernelCommandLine, kernelModules: { gap } }, { profiles }) {
    if (gap) return gap;
    const isOnNetwork = kernelCommandLine.defaults.some(({ parameters }) =>
      parameters.some(
        ({ name, value = '' }) =>
          name === 'netroot' || (name === 'root' && /^(?:nfs|nbd|iscsi|\/dev\/nfs)/.test(value)),
      ),
    );
    const findings: FindingDraft[] = [];
    const unread: CouldNotRead[] = [];
    const opened = initramfs.filter(({ content }) => content !== 'not-needed' && content !== 'none');
    if (opened.length === 0)
      return notApplicable('the kernel sees its disk without an initramfs, so none was opened for this advice');
    for (const { drivers, content } of opened) {
      if (isCouldNotRead(content)) unread.push(content);
      if (typeof content === 'string' || isCouldNotRead(content) || content.modules.size === 0) continue;
      const lacking = ['hv_netvsc', 'hyperv_keyboard'].filter(
        (name) => drivers.driver(name).state === 'module' && !content.modules.has(name),
      );
      for (const name of lacking) {
        const stopsBoot = isOnNetwork && name === 'hv_netvsc';
        const severity = stopsBoot ? 'error' : profiles.includes('marketplace') ? 'warning' : 'info';
        const effect = stopsBoot ? ', and the root file system is on the network' : '';
        findings.push(
          finding(
            `the initramfs lacks ${name}${effect}`,
            content.paths.map((path) => ({ path })),
            { severity, subject: name },
          ),
        );
      }
    }
    if (findings.length === 0 && unread.length > 0 && !isOnNetwork)
      return notApplicable('boot/initramfs-storage-drivers reports that the initramfs could not be opened');
    return judge(findings, [], unread);
  },
});
