import { architecture, defineRule, type FindingDraft, finding, judge, type Profile } from '../../src/rule-api.ts';

/** What a VM made from a managed image cannot have. */
const excluded: readonly (readonly [profile: Profile, feature: string, severity: 'error' | 'warning'])[] = [
  ['trusted-launch', 'Trusted Launch', 'error'],
  ['nvme', 'the NVMe interface', 'error'],
  ['accelerated-networking', 'accelerated networking', 'warning'],
];

export default defineRule({
  id: 'gallery/managed-image-features',
  title: 'Features that need a gallery are not combined with a managed image',
  severity: 'error',
  rationale:
    'A managed image has no place to say that its VMs take Trusted Launch, NVMe or Arm64, so their deployment is refused.',
  remediation: 'Store the image in a gallery (--storage gallery).',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/capture-image-resource',
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch',
    'https://learn.microsoft.com/azure/virtual-machines/image-version',
  ],
  covers: ['managed-image-feature-limits'],
  lisa: [],
  needs: ['options', 'rootfs'],
  appliesTo: { storages: ['managed-image'] },
  facts: { architecture },
  check({ architecture: processor }, { profiles }) {
    const findings: FindingDraft[] = excluded
      .filter(([profile]) => profiles.includes(profile))
      .map(([profile, feature, severity]) =>
        finding(`the profile ${profile} asks for ${feature}, which a managed image cannot declare`, [], {
          severity,
          subject: profile,
        }),
      );
    if (processor === 'aarch64') {
      findings.push(
        finding('the image is for Arm64 (aarch64), which a managed image cannot declare', [], {
          subject: 'architecture',
        }),
      );
    }
    return judge(findings);
  },
});
