import {
  cloudInit,
  defineRule,
  type FindingDraft,
  family,
  finding,
  firstBoot,
  judge,
  notApplicable,
  rootGrowth,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'packages/root-growth',
  title: 'Programs that grow the root partition and divide disks are installed',
  severity: 'warning',
  rationale:
    'The root file system keeps the size of the image on VMs with a larger disk, and the temporary disk may not be set up on first boot.',
  remediation: 'Install growpart and a partitioner.',
  fix: [
    'dnf -y install cloud-utils-growpart gdisk   # apt-get install cloud-guest-utils gdisk; zypper in growpart gptfdisk',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['pkg-growpart-gdisk'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { rootGrowth, cloudInit, family, firstBoot },
  check({ rootGrowth: { means, partitioners }, cloudInit: { config }, family: ofSystem, firstBoot: { chosen } }) {
    if (ofSystem === 'flatcar' || chosen === 'ignition')
      return notApplicable('systems that Ignition sets up grow by units of their own');
    const mode = config.get('growpart', 'mode');
    const isOff = mode === false || mode === 'off' || mode === 'false';
    const findings: FindingDraft[] = [];
    if (means.length === 0 && !isOff) {
      findings.push(
        finding(
          'nothing in the image can grow the root partition: growpart is missing, and so is a definition for systemd-repart',
          [],
          { subject: 'growth' },
        ),
      );
    }
    if (partitioners.length === 0) {
      findings.push(
        finding('neither sgdisk nor sfdisk is in the image to divide the temporary disk', [], {
          severity: 'info',
          subject: 'partitioner',
        }),
      );
    }
    return judge(findings, [...means, ...partitioners]);
  },
});
