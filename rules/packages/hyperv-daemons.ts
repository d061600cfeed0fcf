import {
  defineRule,
  fail,
  family,
  finding,
  firstBoot,
  hypervDaemons,
  installPackages,
  notApplicable,
  pass,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'packages/hyperv-daemons',
  title: 'The key-value pair daemon of Hyper-V is installed and starts',
  severity: 'warning',
  rationale: 'The host cannot exchange data with the VM, so that it learns nothing from a failed first boot.',
  remediation: 'Install the daemons of Hyper-V and enable the one for key-value pairs.',
  fix: installPackages({
    rhel: 'hyperv-daemons',
    debian: 'hyperv-daemons',
    ubuntu: 'linux-cloud-tools-azure',
    suse: 'hyper-v',
    azurelinux: 'hyperv-daemons',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/debian-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['pkg-hyperv-daemons'],
  lisa: ['azure_image_standard.verify_hv_kvp_daemon_installed', 'kvp.verify_kvp'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { hypervDaemons, family, firstBoot },
  check({ hypervDaemons: { program, unit }, family: ofSystem, firstBoot: { chosen } }, { profiles }) {
    const severity = ofSystem === 'azurelinux' || profiles.includes('marketplace') ? 'warning' : 'info';
    if (!program) {
      if (ofSystem === 'flatcar' || chosen === 'ignition')
        return notApplicable('systems that Ignition sets up do without it');
      return fail(
        finding('the key-value pair daemon of Hyper-V (hv_kvp_daemon or hypervkvpd) is not in the image', [], {
          severity,
        }),
      );
    }
    if (unit?.starts) return pass([program, ...unit.evidence]);
    const state = unit ? `${unit.name} does not start at boot` : 'no unit starts it';
    return fail(
      finding(`the key-value pair daemon of Hyper-V is installed, but ${state}`, [program, ...(unit?.evidence ?? [])], {
        severity,
      }),
    );
  },
});
