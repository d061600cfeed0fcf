import { cloudInit, cloudInitDiskSetup, defineRule, finding, judge, notApplicable } from '../../src/rule-api.ts';

const messages = {
  misplaced: (key: string) =>
    `${key} stands where cloud-init does not look for it; it belongs below disk_setup and a device`,
  'no-definition': (key: string) => `disk_setup.${key} describes no disk, so cloud-init skips it`,
  'table-type': (key: string) => `disk_setup.${key}.table_type is neither gpt nor mbr, so the disk is not partitioned`,
  'swap-not-made': (key: string) => `disk_setup.${key} has a swap partition that no entry of fs_setup makes swap of`,
  'swap-not-used': (key: string) => `fs_setup makes swap of ${key}, and no entry of mounts turns it on`,
};

export default defineRule({
  id: 'cloud-init/disk-setup',
  title: 'What cloud-init shall make of the temporary disk is complete and in its place',
  severity: 'warning',
  rationale:
    'cloud-init skips a definition that it finds misplaced or incomplete with a line in its log, so VMs have no swap or an unpartitioned disk from the first boot on.',
  remediation:
    'Write disk_setup, below it the device, below that table_type and layout; give each swap partition an entry in fs_setup and in mounts.',
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_disk_setup.py',
  ],
  covers: ['ci-swap-directive-sound'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit, cloudInitDiskSetup },
  check({ cloudInit: { installed, config }, cloudInitDiskSetup: { isConfigured, defects, evidence } }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    if (!isConfigured && config.unread.length === 0) {
      return notApplicable('the configuration leaves the temporary disk to the data source');
    }
    const findings = defects.map(({ kind, key, evidence: places }) =>
      finding(messages[kind](key), places, { subject: `${kind} ${key}` }),
    );
    return judge(findings, evidence, config.unread);
  },
});
