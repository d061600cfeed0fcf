import {
  type DiskVolume,
  defineRule,
  diskLayout,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

/** What the next mount or boot puts right by itself. */
const harmless = /not unmounted|next mount|not marked as clean|information sector|copy at byte/;

function judgeVolume({ id, place, content, mountedAt }: DiskVolume): FindingDraft[] {
  if (content.kind !== 'file-system') return [];
  const { type, state, complaints } = content.fileSystem;
  const serious = complaints.filter((complaint) => !harmless.test(complaint));
  const name = `${type} of ${id}${mountedAt[0] === undefined ? '' : ` (${mountedAt[0]})`}`;
  if (serious.length > 0)
    return [finding(`the ${name} needs a repair: ${serious.join('; ')}`, { path: place }, { subject: 'damage' })];
  const log =
    state.kind === 'clean' ? [] : [state.kind === 'dirty' ? state.reason : 'its journal is replayed by the first boot'];
  const reasons = log.length > 0 ? log : complaints;
  if (reasons.length === 0) return [];
  return [
    finding(
      `the ${name} was in use when the image was taken: ${reasons.join('; ')}`,
      { path: place },
      { severity: 'info', subject: 'log' },
    ),
  ];
}

export default defineRule({
  id: 'partitioning/clean-file-systems',
  title: 'The file systems of the system can be mounted without repair',
  severity: 'warning',
  rationale:
    'A file system with recorded errors may end the first boot in the emergency shell, or keep the firmware from reading the loader.',
  remediation: 'Check the file systems while they are not mounted, and unmount them before the image is taken.',
  fix: ['e2fsck -fy /dev/loopNpM    # xfs_repair for XFS, fsck.fat -a for the EFI system partition'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-vm-boot-error',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/azure-linux-vm-uefi-boot-failures',
  ],
  covers: ['os-filesystems-clean'],
  lisa: [],
  needs: ['disk', 'filesystem-metadata'],
  appliesTo: {},
  facts: { diskLayout },
  check({ diskLayout: layout }) {
    if (!layout) return notApplicable('the target is no disk');
    const esp = (volume: DiskVolume) => volume.partition?.typeName === 'EFI system partition';
    const own = layout.volumes.filter((volume) => volume.mountedAt.length > 0 || esp(volume));
    const lost = layout.plan.missing.flatMap(({ path, source }) => {
      const named = layout.find(source);
      const volume = named.kind === 'volume' ? layout.volumes.find(({ id }) => id === named.volume.id) : undefined;
      if (volume?.content.kind !== 'unreadable') return [];
      return [
        finding(
          `${path} lies on ${volume.id}, which cannot be read: ${volume.content.problem.message}`,
          { path: volume.place },
          { subject: 'unreadable' },
        ),
      ];
    });
    return judge(
      [...own.flatMap(judgeVolume), ...lost],
      own.map(({ place }) => ({ path: place })),
    );
  },
});
