import { defineRule, diskLayout, fail, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/volume-group',
  title: 'The volume group of the root lies on the OS disk alone',
  severity: 'error',
  rationale:
    'Where a physical volume of the group is missing, the initramfs cannot activate it and the boot ends in its shell.',
  remediation: 'Move the data off the other disk with pvmove, take it out of the group, and build the initramfs again.',
  fix: ['vgreduce --removemissing rootvg'],
  references: ['https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut'],
  covers: ['os-volume-group-single-pv'],
  lisa: [],
  needs: ['filesystem-metadata', 'rootfs'],
  appliesTo: {},
  facts: { diskLayout },
  check({ diskLayout: layout }) {
    const logical = layout?.root?.logicalVolume;
    if (!layout || !logical) return notApplicable('the root is on no logical volume');
    const group = layout.groups.find(
      ({ name, logicalVolumes }) => name === logical.group && logicalVolumes.some(({ uuid }) => uuid === logical.uuid),
    );
    if (!group) return notApplicable('the volume group of the root is not known');
    const { name, physicalVolumes } = group;
    const place = { path: layout.root?.place ?? '' };
    const lost = physicalVolumes.filter(({ volume }) => volume === undefined);
    if (lost.length > 0) {
      const message = `the volume group ${name} has ${physicalVolumes.length} physical volumes, of which ${lost.length} not on this disk: ${lost.map(({ uuid }) => uuid).join(', ')}`;
      return fail(finding(message, place, { subject: name }));
    }
    if (physicalVolumes.length <= 1) return pass(place);
    const all = physicalVolumes.map(({ volume }) => volume).join(', ');
    return fail(
      finding(`the volume group ${name} is spread over ${all} of the OS disk, and needs them all to start`, place, {
        severity: 'info',
        subject: name,
      }),
    );
  },
});
