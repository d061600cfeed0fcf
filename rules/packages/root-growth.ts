import {
  cloudInit,
  defineRule,
  type FindingDraft,
  family,
  finding,
  firstBoot,
  installPackages,
  judge,
  logicalRoot,
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
  fix: installPackages({
    rhel: 'cloud-utils-growpart gdisk',
    debian: 'cloud-guest-utils gdisk',
    suse: 'growpart gptfdisk',
    azurelinux: 'cloud-utils-growpart gptfdisk',
  }),
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
  facts: { rootGrowth, logicalRoot, cloudInit, family, firstBoot },
  check({
    rootGrowth: { means, partitioners, unread },
    logicalRoot: isLogical,
    cloudInit: { config },
    family: ofSystem,
    firstBoot: { chosen },
  }) {
    if (ofSystem === 'flatcar' || chosen === 'ignition')
      return notApplicable('systems that Ignition sets up grow by units of their own');
    const mode = config.get('growpart', 'mode');
    const isOff = /^\s*(?:false|off|no|0)\s*$/i.test(String(mode));
    const findings: FindingDraft[] = [];
    // A logical volume grows by hand, with or without growpart.
    if (means.length === 0 && !isOff && !isLogical) {
      findings.push(
        finding(
          'nothing in the image can grow the root partition: growpart is missing, and so is a definition for systemd-repart',
          [],
          { subject: 'growth', restsOnAbsence: true },
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
    // With a means at hand it does not matter what else there is.
    return judge(findings, [...means, ...partitioners], means.length > 0 ? [] : [...unread, ...config.unread]);
  },
});
