import { defineRule, diskLayout, fail, family, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/single-root',
  title: 'The system has one root partition',
  severity: 'warning',
  rationale:
    'Only the root file system grows when a VM is created with a larger disk; separate ones of the system stay as they are and fill up.',
  remediation: 'Build the image with one root file system, /boot and the EFI system partition.',
  references: [
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-image-test',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['single-root-partition'],
  lisa: [],
  needs: ['rootfs', 'partition-table'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { diskLayout, family },
  check({ diskLayout: layout, family: system }) {
    if (!layout?.root) return notApplicable('the target is no disk');
    const { root } = layout;
    const separate = layout.plan.mounts.filter(
      ({ path, volume }) => volume !== root.id && /^\/(?:usr|var|home|opt|tmp)(?:\/|$)/.test(path),
    );
    if (separate.length === 0) return pass({ path: root.place });
    if (system === 'flatcar') return notApplicable('Flatcar keeps a read-only /usr on a partition of its own');
    if (root.logicalVolume?.group === 'rootvg' && root.logicalVolume.name === 'rootlv')
      return notApplicable('this is the layout of official RHEL images, of which partitioning/plain-partitions tells');
    const names = separate.map(({ path, volume }) => `${path} (${volume})`).join(', ');
    const message = `outside of the one root file system that is wanted, and not growing with the disk: ${names}`;
    return fail(finding(message, { path: root.place }, { subject: 'separate' }));
  },
});
