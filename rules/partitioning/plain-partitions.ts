import { DISK, defineRule, diskLayout, fail, family, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/plain-partitions',
  title: 'The OS disk has plain partitions and no LVM',
  severity: 'warning',
  rationale:
    'All clones have volume groups of one name and UUID, so one disk cannot be attached to another VM of the image for repair.',
  remediation: 'Build the image with plain partitions, or give the volume group a name of its own for each image.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['os-disk-standard-partitions-not-lvm'],
  lisa: [],
  needs: ['partition-table', 'rootfs'],
  appliesTo: {},
  facts: { diskLayout, family },
  check({ diskLayout: layout, family: distribution }, { profiles }) {
    if (!layout) return notApplicable('the target is no disk');
    const members = layout.volumes.filter(({ content }) => content.kind === 'physical-volume');
    if (members.length === 0) return pass({ path: DISK });
    const names = layout.groups.map(({ name }) => name).join(', ');
    const isOfficial = layout.groups.every(
      ({ name, logicalVolumes }) => name === 'rootvg' && logicalVolumes.some((volume) => volume.name === 'rootlv'),
    );
    const isSupported = isOfficial || distribution === 'rhel' || distribution === 'oracle';
    const severity = isSupported && !profiles.includes('marketplace') ? ('info' as const) : ('warning' as const);
    const message = `the OS disk is divided by LVM (${names || 'a volume group that is not read'}), whose names and UUIDs all clones share`;
    return fail(
      finding(
        message,
        members.map(({ place }) => ({ path: place })),
        { severity, subject: 'lvm' },
      ),
    );
  },
});
