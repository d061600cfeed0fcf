import {
  type BootEntry,
  defineRule,
  type FileSystemTableEntry,
  type FindingDraft,
  fileSystemTable,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  parametersNamed,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

const isSwapLike = (name: string): boolean => /swap/i.test(name);

/** One volume of LVM in its three spellings: VG/LV, /dev/VG/LV, /dev/mapper/VG-LV with hyphens doubled. */
function volumeName(device: string): string {
  const [, group, volume] = /^(?:\/dev\/)?(?!mapper\/|disk\/)([^/]+)\/([^/]+)$/.exec(device) ?? [];
  if (group === undefined || volume === undefined) return device.replace(/^\/dev\/mapper\//, '').toLowerCase();
  return `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`.toLowerCase();
}

function judgeEntry(entry: BootEntry, table: readonly FileSystemTableEntry[]): FindingDraft[] {
  const swap = table.filter(({ type }) => type === 'swap').map(({ device }) => volumeName(device));
  const volumes = parametersNamed(entry, 'rd.lvm.lv').flatMap(({ value, text }) => {
    if (value === undefined || !(isSwapLike(value) || swap.includes(volumeName(value)))) return [];
    const message = `${text} makes every boot wait for a swap volume`;
    return finding(message, entry.evidence, { subject: text });
  });
  const resume = lastValue(entry, 'resume');
  if (resume === undefined || resume === '' || parametersNamed(entry, 'noresume').length > 0) return volumes;
  // Hibernation into a file names the file system that holds it, which the boot needs anyway.
  const isMounted = table.some(({ device, type }) => type !== 'swap' && volumeName(device) === volumeName(resume));
  const isRoot = resume === lastValue(entry, 'root');
  if (isMounted || isRoot || swap.includes(volumeName(resume))) return volumes;
  const message = `resume=${resume} makes every boot wait for a swap area that fstab does not name`;
  return [...volumes, finding(message, entry.evidence, { subject: 'resume' })];
}

export default defineRule({
  id: 'boot/swap-volume',
  title: 'The boot entry does not wait for a swap volume',
  severity: 'warning',
  rationale:
    'The initramfs waits for the missing volume or resume device and then drops into its shell or delays every boot.',
  remediation: 'Remove rd.lvm.lv= of the swap volume and resume= from every boot entry.',
  fix: ["grubby --update-kernel=ALL --remove-args='rd.lvm.lv=rhel/swap resume'"],
  references: ['https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut'],
  covers: ['cmdline-no-swap-lv'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, fileSystemTable },
  check({ kernelCommandLine: commandLine, fileSystemTable: { entries } }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    return judge(
      judgeEntries(commandLine.defaults, (entry) => judgeEntry(entry, entries)),
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
