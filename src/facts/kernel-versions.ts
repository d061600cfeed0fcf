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
  /** The first release of the vendor and base version that has them; undefined when none is on record. */
  readonly sackFixesSince?: string;
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
      const line = sackFixes.lines.find(({ vendor, base }) => vendor === parsed.vendor && base === parsed.base);
      return [
        {
          release,
          ...known,
          isAtLeast: (version) => compareVersions(parsed.base, version) >= 0,
          isBuildAtLeast: (wanted) => compareVersions(build, wanted) >= 0,
          hasSackFixes: line ? compareVersions(build, line.build) >= 0 : isNewerThanFlaws(parsed.base),
          ...(line && { sackFixesSince: `${line.base}-${line.build}` }),
          evidence,
        },
      ];
    });
  },
});

/** Mainline had the fixes from a version on; before it, only the build of a vendor can tell. */
function isNewerThanFlaws(base: string): true | undefined {
  return compareVersions(base, sackFixes.mainline) >= 0 ? true : undefined;
}
