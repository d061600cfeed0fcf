import { defineFact } from '../engine/define.ts';
import type { Evidence, Family } from '../engine/model.ts';

/** Which distribution the image says it is. */
export interface Distribution {
  /** `ID` of os-release, or its equivalent taken from a legacy release file. */
  readonly id: string;
  readonly idLike: readonly string[];
  readonly family: Family;
  /** `VERSION_ID`; rolling releases have none. */
  readonly versionId?: string;
  readonly variantId?: string;
  readonly name?: string;
  readonly prettyName?: string;
  /** `legacy` when no os-release named the distribution. */
  readonly source: 'os-release' | 'legacy';
  /** Other release files that are present, with their first line as text. */
  readonly releaseFiles: readonly Evidence[];
  readonly evidence: readonly Evidence[];
}

/** Undefined when no release file exists at all. */
export const distribution = defineFact<Distribution | undefined>({
  id: 'distribution',
  description: 'Distribution, family and version by os-release, else by the legacy release files.',
  reads: ['/etc/os-release', '/usr/lib/os-release', '/etc/*-release', '/etc/debian_version'],
  compute() {
    throw new Error('distribution is not written yet');
  },
});
