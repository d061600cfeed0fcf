import { compareDottedVersions, isVersionOf } from './dotted-version.ts';

/** Where a version stands to a list: `newer` is also what lies between listed ones. */
export type Standing = 'listed' | 'older' | 'newer';

/**
 * Place of a version in a list as the data files write it: `9`, `8.6+`, `>=9`, `18.04..24.04`. A version is older when
 * it comes before the first of its own major version, or before all when its major version is not listed. A version of
 * one number (CentOS has no other) stands for the last release of its major version.
 */
export function standingOf(version: string, list: readonly string[]): Standing {
  if (list.some((entry) => includes(entry, version))) return 'listed';
  const firsts = list.map(firstOf);
  const own = firsts.filter((first) => majorOf(first) === majorOf(version));
  if (own.length > 0 && !version.includes('.')) return 'listed';
  return (own.length > 0 ? own : firsts).every((first) => compareDottedVersions(version, first) < 0)
    ? 'older'
    : 'newer';
}

/** An entry in words. */
export function describeEntry(entry: string): string {
  if (entry.startsWith('>=')) return `${entry.slice(2)} and later`;
  const [from, to] = entry.split('..');
  if (from !== undefined && to !== undefined) return `${from} to ${to}`;
  return entry.endsWith('+') ? `${firstOf(entry)} and later ${majorOf(firstOf(entry))}.x` : entry;
}

function includes(entry: string, version: string): boolean {
  const first = firstOf(entry);
  if (entry.startsWith('>=')) return compareDottedVersions(version, first) >= 0;
  if (entry.endsWith('+')) return majorOf(version) === majorOf(first) && compareDottedVersions(version, first) >= 0;
  const last = entry.split('..')[1];
  if (last === undefined) return isVersionOf(version, first);
  const isInside = compareDottedVersions(version, first) >= 0 && compareDottedVersions(version, last) <= 0;
  return isInside || isVersionOf(version, last);
}

function firstOf(entry: string): string {
  return /\d+(?:\.\d+)*/.exec(entry)?.[0] ?? '';
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}
