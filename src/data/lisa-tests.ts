/** Tests of LISA that look at the same thing. */
export interface LisaTests {
  /** `module.function` → priority. LISA's tier N runs the tests of priorities 0 to N. */
  readonly tests: Readonly<Record<string, number>>;
  readonly looksAt: string;
  /** The part that the image alone does not decide; left out where it decides all. */
  readonly onlyRunning?: string;
}

/** Day of the source, https://github.com/microsoft/lisa below lisa/microsoft/testsuites. */
export const lisaTestsAsOf = '2026-08-20';

export { imageStandardTests } from './lisa-tests/image-standard.ts';
export { otherLisaTests } from './lisa-tests/other-suites.ts';
