/** What a rule's page tells of one rule case; the shape of the case files, as far as documentation needs it. */
export interface Example {
  readonly name: string;
  readonly lookalike?: boolean;
  readonly expect: unknown;
}

/** Findings that a case expects, `severity: message (place)` each. */
export function findingsOf(example: Example): readonly string[] {
  const { expect } = example;
  if (typeof expect !== 'object' || expect === null || !('fail' in expect) || !Array.isArray(expect.fail)) return [];
  return expect.fail.map(String);
}
