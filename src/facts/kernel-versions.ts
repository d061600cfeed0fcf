import { sackFixes } from '../data/sack-fixes.ts';
import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type KernelVendor, parseKernelRelease } from '../formats/kernel-release.ts';
import { compareVersions } from '../formats/version-order.ts';
import { bootKernels } from './boot-kernels.ts';

/** How old a kernel that boots by default is. */
export interface KernelVersion {
  readonly release: string;
  /** The version that it derives from. */
  readonly base: string;
  /** Who built it; undefined for a kernel that no distribution made. */
  readonly vendor?: KernelVendor;
  /** The vendor's own release: 9 in `.el9_5`. */
  readonly vendorRelease?: number;
  /** Whether the base version, and with it all of mainline up to there, is at least this one. */
  isAtLeast(version: string): boolean;
  /** Whether the vendor's build is at least this one: `1160.119.1` of `3.10.0-1160.119.1.el7`. */
  isBuildAtLeast(build: string): boolean;
  /** The fixes of the three TCP selective acknowledgement flaws of 2019; undefined when the number does not tell. */
  readonly hasSackFixes: boolean | undefined;
  readonly evidence: Evidence;
}

/** Versions of the kernels that boot by default; a kernel without a readable release is left out. */
export const kernelVersions = defineFact<readonly KernelVersion[]>({
  id: 'kernel-versions',
  description: 'Base version, vendor and build of each kernel that boots by default, by the name of its release.',
  reads: bootKernels.reads,
  async compute(context) {
    const { kernels } = await context.get(bootKernels);
    return kernels.flatMap(({ release, evidence }): KernelVersion[] => {
      const parsed = release === undefined ? undefined : parseKernelRelease(release);
      if (release === undefined || parsed === undefined) return [];
      const { build, ...known } = parsed;
      return [
        {
          release,
          ...known,
          isAtLeast: (version) => compareVersions(parsed.base, version) >= 0,
          isBuildAtLeast: (wanted) => compareVersions(build, wanted) >= 0,
          hasSackFixes: hasSackFixes(parsed),
          evidence,
        },
      ];
    });
  },
});

function hasSackFixes({
  base,
  build,
  vendor,
}: {
  base: string;
  build: string;
  vendor?: KernelVendor;
}): boolean | undefined {
  const line = sackFixes.lines.find((candidate) => candidate.vendor === vendor && candidate.base === base);
  if (line) return compareVersions(build, line.build) >= 0;
  return compareVersions(base, sackFixes.mainline) >= 0 ? true : undefined;
}
