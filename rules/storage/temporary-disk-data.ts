import { defineRule, finding, judge, notApplicable, temporaryDisk, unknownBy } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/temporary-disk-data',
  title: 'No files lie where the temporary disk is mounted',
  severity: 'warning',
  rationale: 'The first boot mounts the temporary disk over the directory, and the files are hidden.',
  remediation: 'Move the files to another directory of the OS disk, or delete them.',
  fix: ['mv /mnt/resource/* /srv/'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
    'https://learn.microsoft.com/azure/virtual-machines/linux/faq',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_mounts.py',
  ],
  covers: ['temp-disk-no-data'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { temporaryDisk },
  check({ temporaryDisk: { mountPoints, hiddenFiles, unread } }) {
    const [first] = mountPoints;
    const gap = unknownBy(unread);
    if (!first && gap) return gap;
    if (!first) return notApplicable('nothing in the image mounts the temporary disk');
    const findings = mountPoints.flatMap(({ path, by }) => {
      const below = hiddenFiles.filter((file) => file.path.startsWith(`${path}/`));
      const inner = mountPoints.some(
        (other) => other.path.startsWith(`${path}/`) && below.every((file) => file.path.startsWith(`${other.path}/`)),
      );
      if (below.length === 0 || inner) return [];
      return [
        finding(`${path}, where ${by} mounts the temporary disk, holds files that the disk hides`, below, {
          subject: path,
        }),
      ];
    });
    return judge(findings, first.evidence ? [first.evidence] : [], unread);
  },
});
