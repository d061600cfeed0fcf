import {
  type BootEntry,
  type DiskLayout,
  defineRule,
  diskLayout,
  type FileSystemTableEntry,
  type FindingDraft,
  fileSystemTable,
  finding,
  hiddenVolumes,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  logicalVolumeNamed,
  mappedVolumeName,
  notApplicable,
  parametersNamed,
  removeKernelArguments,
  unknown,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

const isSwapLike = (name: string): boolean => /swap/i.test(name);

function judgeEntry(
  entry: BootEntry,
  table: readonly FileSystemTableEntry[],
  layout: DiskLayout | undefined,
): FindingDraft[] {
  const swap = table.filter(({ type }) => type === 'swap').map(({ device }) => mappedVolumeName(device));
  const volumes = parametersNamed(entry, 'rd.lvm.lv').flatMap(({ value, text }) => {
    if (value === undefined) return [];
    const volume = layout && logicalVolumeNamed(value, layout);
    if (layout && !volume && layout.closed.length > 0) return [];
    if (layout && !volume)
      return finding(`${text} names a volume that is not on this disk, for which every boot waits`, entry.evidence, {
        severity: 'error',
        subject: text,
      });
    const isSwap = volume ? volume.content.kind === 'swap' : isSwapLike(value);
    if (!isSwap && !swap.includes(mappedVolumeName(value))) return [];
    return finding(`${text} makes every boot wait for a swap volume`, entry.evidence, {
      severity: 'warning',
      subject: text,
    });
  });
  const resume = lastValue(entry, 'resume');
  if (resume === undefined || resume === '' || parametersNamed(entry, 'noresume').length > 0) return volumes;
  // Hibernation into a file names the file system that holds it, which the boot needs anyway.
  const isMounted = table.some(
    ({ device, type }) => type !== 'swap' && mappedVolumeName(device) === mappedVolumeName(resume),
  );
  const isRoot = resume === lastValue(entry, 'root');
  const isHere = layout
    ? layout.find(resume, { type: 'swap' }).kind === 'volume'
    : swap.includes(mappedVolumeName(resume));
  if (isMounted || isRoot || isHere) return volumes;
  const where = layout ? 'is not on this disk' : 'fstab does not name';
  const message = `resume=${resume} makes every boot wait for a swap area that ${where}`;
  return [...volumes, finding(message, entry.evidence, { severity: 'warning', subject: 'resume' })];
}

export default defineRule({
  id: 'boot/swap-volume',
  title: 'The boot entry does not wait for a swap volume',
  severity: 'error',
  rationale:
    'The initramfs waits for the missing volume or resume device and then drops into its shell or delays every boot.',
  remediation: 'Remove rd.lvm.lv= of the swap volume and resume= from every boot entry.',
  fix: removeKernelArguments('rd.lvm.lv=rhel/swap resume'),
  references: ['https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut'],
  covers: ['cmdline-no-swap-lv'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, fileSystemTable, diskLayout },
  check({ kernelCommandLine: commandLine, fileSystemTable: { entries }, diskLayout: layout }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const findings = judgeEntries(commandLine.defaults, (entry) => judgeEntry(entry, entries, layout));
    const hidden = layout && findings.length === 0 ? hiddenVolumes(commandLine.defaults, layout) : [];
    if (hidden.length > 0) return unknown(`${hidden.join(', ')} may be in ${layout?.closed.join('; ')}`);
    return judge(
      findings,
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
