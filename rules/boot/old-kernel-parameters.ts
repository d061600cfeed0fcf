import {
  addKernelArguments,
  type BootEntry,
  type BootKernel,
  bootKernels,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  lastValue,
  notApplicable,
} from '../../src/rule-api.ts';

interface Remedy {
  readonly parameter: string;
  /** First release that does without. */
  readonly fixedIn: readonly number[];
  readonly consequence: string;
  readonly severity: 'error' | 'info';
}

const remedies: readonly Remedy[] = [
  {
    parameter: 'numa=off',
    fixedIn: [2, 6, 37],
    consequence: 'mishandles NUMA on Hyper-V and does not boot on larger VM sizes',
    severity: 'error',
  },
  {
    parameter: 'rootdelay=300',
    fixedIn: [4],
    consequence: 'may give up on a slow OS disk',
    severity: 'info',
  },
];

function isOlder(release: string, than: readonly number[]): boolean {
  const [version = '', build = ''] = release.split('-');
  // Red Hat brought the repair for NUMA to its 2.6.32-504, of EL 6.6.
  if (than[0] === 2 && /^2\.6\.32$/.test(version) && /\.el6/.test(release)) return Number.parseInt(build, 10) < 504;
  const numbers = version.split('.').map(Number);
  const index = than.findIndex((part, at) => (numbers[at] ?? 0) !== part);
  return index >= 0 && (numbers[index] ?? 0) < (than[index] ?? 0);
}

function judgeEntry(release: string, entry: BootEntry): FindingDraft[] {
  return remedies.flatMap(({ parameter, fixedIn, consequence, severity }) => {
    const [name = '', value] = parameter.split('=');
    if (!isOlder(release, fixedIn) || lastValue(entry, name) === value) return [];
    // A delay of another length is somebody's own choice.
    if (name === 'rootdelay' && lastValue(entry, name) !== undefined) return [];
    const message = `kernel ${release} boots without ${parameter} and ${consequence}`;
    return finding(message, entry.evidence, { severity, subject: parameter });
  });
}

const entriesOf = ({ entries }: BootKernel): readonly BootEntry[] => entries.map(({ entry }) => entry);

export default defineRule({
  id: 'boot/old-kernel-parameters',
  title: 'An old kernel boots with the parameters that it needs on Azure',
  severity: 'error',
  rationale:
    'Kernels before 2.6.37 mishandle NUMA on Hyper-V and fail to boot on larger VM sizes; those before 4.0 may give up on a slow OS disk.',
  remediation: 'Add the parameter to the kernel command line, or install a newer kernel.',
  fix: addKernelArguments('numa=off rootdelay=300'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-centos',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['cmdline-numa-off-old-kernel', 'cmdline-rootdelay-300'],
  lisa: ['azure_image_standard.verify_grub'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { bootKernels },
  check({ bootKernels: { kernels } }) {
    const known = kernels.filter(({ release, entries }) => release !== undefined && entries.length > 0);
    if (known.length === 0) return notApplicable('no default boot entry names a kernel whose release is known');
    const findings = known.flatMap((kernel) =>
      judgeEntries(entriesOf(kernel), (entry) => judgeEntry(kernel.release ?? '', entry)),
    );
    return judge(
      findings,
      known.map(({ evidence }) => evidence),
    );
  },
});
