import {
  type BootEntry,
  defineRule,
  type Evidence,
  finding,
  judge,
  kernelCommandLine,
  sysctl,
} from '../../src/rule-api.ts';

const GIB = 1024 ** 3;
const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: GIB };
/** The default size of x86-64 and of arm64 with pages of 4 KiB. */
const usualSize = 2 * 1024 ** 2;

function sizeOf(text: string | undefined): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/i.exec(text ?? '') ?? [];
  const factor = units[unit.toUpperCase()];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** Bytes that the words of an entry reserve: each hugepages= counts pages of the hugepagesz= before it. */
function reservedBy(entry: BootEntry): { bytes: number; defaultSize: number } {
  let size: number | undefined;
  let defaultSize = usualSize;
  let bytes = 0;
  for (const { name, value } of entry.parameters) {
    if (name === 'default_hugepagesz') defaultSize = sizeOf(value) ?? defaultSize;
    if (name === 'hugepagesz') size = sizeOf(value);
    // NODE:COUNT,NODE:COUNT reserves on each node.
    const counts = name === 'hugepages' ? (value ?? '').split(',').map((part) => Number(part.split(':').at(-1))) : [];
    for (const count of counts) bytes += (Number.isFinite(count) ? count : 0) * (size ?? defaultSize);
  }
  return { bytes, defaultSize };
}

export default defineRule({
  id: 'boot/huge-pages',
  title: 'No large fixed reservation of huge pages is baked in',
  severity: 'warning',
  rationale: 'A reservation larger than the memory of a small VM size makes every boot on that size fail.',
  remediation: 'Reserve huge pages on the machine that needs them, not in the image.',
  fix: ["sed -i '/^vm.nr_hugepages/d' /etc/sysctl.conf /etc/sysctl.d/*.conf"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-incorrect-hugepages-configuration',
    'https://docs.kernel.org/admin-guide/mm/hugetlbpage.html',
  ],
  covers: ['hugepages-reservation'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sysctl, kernelCommandLine },
  check({ sysctl: settings, kernelCommandLine: { defaults } }) {
    const byEntry = defaults.map((entry) => ({ entry, ...reservedBy(entry) }));
    const most = byEntry.toSorted((a, b) => b.bytes - a.bytes)[0];
    const set = settings.value('vm.nr_hugepages');
    const count = Number(set?.value);
    const bySysctl = Number.isFinite(count) ? count * (most?.defaultSize ?? usualSize) : 0;
    // sysctl sets the whole number of pages of the default size, which the command line may have reserved already.
    const bytes = Math.max(bySysctl, most?.bytes ?? 0);
    const places: Evidence[] = [
      ...(set && bySysctl > 0 ? [set.evidence] : []),
      ...(most && most.bytes > 0 ? [most.entry.evidence] : []),
    ];
    if (bytes <= GIB) return judge([], places);
    const gib = Math.round((bytes / GIB) * 10) / 10;
    const message = `${gib} GiB of huge pages are reserved at boot, so no VM size with less memory than about twice that works`;
    return judge([finding(message, places, { subject: 'reservation' })]);
  },
});
