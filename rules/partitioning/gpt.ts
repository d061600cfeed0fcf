import {
  bootGeneration,
  DISK,
  defineRule,
  diskLayout,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
  notForGeneration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/gpt',
  title: 'A disk of generation 2 has a sound GPT',
  severity: 'error',
  rationale:
    'The UEFI firmware of a generation 2 VM boots from a disk with a GPT; with an MBR alone the first boot stops in the firmware.',
  remediation: 'Convert the partition table to GPT, then add an EFI system partition with the fallback loader.',
  fix: ['sgdisk --mbrtogpt disk.raw', 'sgdisk -e disk.raw    # moves the backup of the GPT to the end of the disk'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-existing-vm-gen-1',
    'https://learn.microsoft.com/azure/virtual-machines/faq-for-disks',
  ],
  covers: ['gen2-gpt-partition-table'],
  lisa: [],
  needs: ['partition-table'],
  appliesTo: {},
  facts: { diskLayout, bootGeneration },
  check({ diskLayout: layout, bootGeneration: boot }, intent) {
    if (!layout) return notApplicable('the target is no disk');
    const { scheme, gpt, partitions, problems } = layout.table;
    const place = { path: DISK };
    if (scheme !== 'gpt' || !gpt) {
      const other = notForGeneration(2, intent, boot);
      if (other !== undefined) return notApplicable(other);
      const hasEsp = partitions.some(({ type }) => type === '0xef');
      const what = scheme === 'mbr' ? 'an MBR' : 'no partition table';
      const message = `the disk has ${what}, and generation 2 needs a GPT`;
      return judge([finding(message, place, { subject: 'scheme', ...(hasEsp && { severity: 'warning' }) })]);
    }
    const findings: FindingDraft[] = [];
    // The kernel reads the backup with the parameter `gpt` only.
    if (gpt.primary.problem !== undefined)
      findings.push(
        finding(`the primary GPT at byte ${gpt.primary.offset} is damaged: ${gpt.primary.problem}`, place, {
          subject: 'primary',
        }),
      );
    if (gpt.backup.problem !== undefined) {
      const message = `the backup GPT at byte ${gpt.backup.offset}: ${gpt.backup.problem}; sgdisk -e disk.raw writes it anew`;
      findings.push(finding(message, place, { severity: 'warning', subject: 'backup' }));
    }
    const others = problems.filter(
      (problem) => !/^(?:the primary GPT is damaged|neither copy of the GPT)/.test(problem),
    );
    findings.push(
      ...others.map((problem) =>
        finding(problem, place, {
          subject: problem,
          ...(!problem.includes('Linux ignores the GPT') && { severity: 'warning' as const }),
        }),
      ),
    );
    return judge(findings, [place]);
  },
});
