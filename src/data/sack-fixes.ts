import type { KernelVendor } from '../formats/kernel-release.ts';

/** The first build of a kernel line with the fixes of CVE-2019-11477, 11478 and 11479. */
export interface SackFix {
  readonly vendor: KernelVendor;
  /** Kernels with this base version. */
  readonly base: string;
  readonly build: string;
}

/**
 * Lines that the certification article names, with the first release of the mainline kernel that has the fixes. Other
 * kernels below it may have them under a number that the article does not give.
 * Source: https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq
 */
export const sackFixes: { readonly asOf: string; readonly mainline: string; readonly lines: readonly SackFix[] } = {
  asOf: '2021-09-27',
  mainline: '5.1.11',
  lines: [
    { vendor: 'ubuntu', base: '4.15.0', build: '1049' },
    { vendor: 'ubuntu', base: '4.18.0', build: '1023' },
    { vendor: 'ubuntu', base: '5.0.0', build: '1025' },
    { vendor: 'el', base: '3.10.0', build: '957.21.3' },
    { vendor: 'el', base: '4.18.0', build: '80.4.2' },
    { vendor: 'suse', base: '4.12.14', build: '5.30.1' },
  ],
};
