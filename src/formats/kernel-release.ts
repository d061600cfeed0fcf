/** Who built a kernel, as far as its release tells. */
export type KernelVendor = 'el' | 'uek' | 'ubuntu' | 'debian' | 'suse' | 'azurelinux' | 'fedora' | 'flatcar' | 'amazon';

/** What the name of a kernel release tells: `5.14.0-503.15.1.el9_5.x86_64`. */
export interface KernelRelease {
  /** Version of the kernel that it derives from, `5.14.0`. */
  readonly base: string;
  /** What the builder counts on, `503.15.1`; empty when there is nothing. */
  readonly build: string;
  readonly vendor?: KernelVendor;
  /** The vendor's own release: 9 in `.el9_5`. */
  readonly vendorRelease?: number;
}

const VENDORS: readonly (readonly [KernelVendor, RegExp])[] = [
  ['uek', /\.el(\d+)uek\b/],
  ['el', /\.el(\d+)(?:_|\.|$)/],
  ['fedora', /\.fc(\d+)\b/],
  ['azurelinux', /\.(?:azl|cm)(\d+)\b/],
  ['amazon', /\.amzn(\d+)\b/],
  ['flatcar', /-(?:flatcar|coreos)\b/],
  ['ubuntu', /^\d+\.\d+\.\d+-\d+-(?:generic|azure|lowlatency|kvm|aws|gcp|oracle|nvidia|virtual)/],
  ['debian', /-(?:cloud-)?(?:amd64|arm64)\b/],
  ['suse', /-(?:default|azure|xen|vanilla|rt)$/],
];

/** Undefined for a text that is no release. */
export function parseKernelRelease(release: string): KernelRelease | undefined {
  const [, base, build = ''] = /^(\d+\.\d+(?:\.\d+)*)(?:-([0-9.]*[0-9]))?/.exec(release) ?? [];
  if (base === undefined) return undefined;
  for (const [vendor, pattern] of VENDORS) {
    const match = pattern.exec(release);
    if (!match) continue;
    return { base, build, vendor, ...(match[1] !== undefined && { vendorRelease: Number(match[1]) }) };
  }
  return { base, build };
}
