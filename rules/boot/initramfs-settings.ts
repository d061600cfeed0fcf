import {
  addInitramfsDrivers,
  defineRule,
  type FindingDraft,
  finding,
  initramfsConfiguration,
  judge,
  kernelModules,
  notApplicable,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/initramfs-settings',
  title: 'The next initramfs will hold the Hyper-V storage drivers',
  severity: 'warning',
  rationale:
    'When the initramfs is built anew on another hypervisor, a generator that takes only what the machine needs leaves the drivers out, and a later boot in Azure fails.',
  remediation: 'Add hv_vmbus and hv_storvsc by name in the settings of the generator.',
  fix: addInitramfsDrivers('hv_vmbus hv_netvsc hv_storvsc', 'azure'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-hyper-v-driver-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['dracut-hyperv-persistent'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { initramfsConfiguration, kernelModules },
  check({ initramfsConfiguration: settings, kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    if (settings.generator === undefined) return notApplicable('neither dracut nor initramfs-tools is in the image');
    const needed = ['hv_vmbus', 'hv_storvsc'].filter((name) =>
      kernels.some(({ driver }) => driver(name).state === 'module'),
    );
    if (needed.length === 0) return notApplicable('the kernel has the drivers built in');
    const findings: FindingDraft[] = settings.omitted
      .filter(({ name }) => needed.includes(name))
      .map(({ name, evidence }) => finding(`${name} is left out of every initramfs`, evidence));
    for (const line of settings.misread.filter(({ text = '' }) => /hv_/.test(text)))
      findings.push(
        finding(
          'the shell reads this line otherwise than it looks: it wants plain double quotes around the list',
          line,
        ),
      );
    // A driver that is named brings those along that it needs.
    const brings = (name: string, wanted: string) =>
      name === wanted || kernels.some(({ driver }) => driver(name).needs.includes(wanted));
    const isNamed = (wanted: string) => settings.added.some(({ name }) => brings(name, wanted));
    // Two lists that meet without a blank between them make one word that is no driver.
    const glued = settings.added.filter(({ name }) =>
      needed.some((driver) => name !== driver && name.includes(driver)),
    );
    for (const { name, evidence } of glued)
      findings.push(
        finding(`the drivers run into one word, "${name}"; each list wants blanks inside its quotes`, evidence),
      );
    const unnamed = needed.filter((name) => !isNamed(name));
    if (findings.length === 0 && settings.hostOnly && unnamed.length > 0) {
      const message = `${settings.generator} takes only what the building machine needs, and nothing adds ${unnamed.join(' and ')}`;
      findings.push(finding(message, settings.mode, { severity: 'info' }));
    }
    return judge(findings, settings.mode ? [settings.mode] : []);
  },
});
