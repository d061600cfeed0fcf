import {
  addInitramfsDrivers,
  defineRule,
  finding,
  initramfsConfiguration,
  judge,
  kernelModules,
  notApplicable,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/nvme-initramfs-settings',
  title: 'The next initramfs will hold the NVMe drivers',
  severity: 'warning',
  rationale: 'The next kernel update builds an initramfs without them, and a VM with NVMe disks does not boot again.',
  remediation: 'Add nvme and nvme_core by name in the settings of the generator.',
  fix: addInitramfsDrivers('nvme nvme_core', 'azure-nvme'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
  ],
  covers: ['nvme-initramfs-persistent'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { initramfsConfiguration, kernelModules },
  check({ initramfsConfiguration: settings, kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    if (settings.generator === undefined) return notApplicable('neither dracut nor initramfs-tools is in the image');
    const needed = ['nvme', 'nvme_core'].filter((name) =>
      kernels.some(({ driver }) => driver(name).state === 'module'),
    );
    if (needed.length === 0) return notApplicable('the kernel has the drivers built in');
    const omitted = settings.omitted.filter(({ name }) => needed.includes(name));
    if (omitted.length > 0)
      return judge(omitted.map(({ name, evidence }) => finding(`${name} is left out of every initramfs`, evidence)));
    // A driver that is named brings those along that it needs.
    const brings = (name: string, wanted: string) =>
      name === wanted || kernels.some(({ driver }) => driver(name).needs.includes(wanted));
    const unnamed = needed.filter((wanted) => !settings.added.some(({ name }) => brings(name, wanted)));
    if (!settings.hostOnly || unnamed.length === 0) return judge([], settings.mode ? [settings.mode] : []);
    const message = `${settings.generator} takes only what the building machine needs, and nothing adds ${unnamed.join(' and ')}`;
    return judge([finding(message, settings.mode)]);
  },
});
