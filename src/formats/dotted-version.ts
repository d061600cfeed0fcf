/**
 * Compares two versions by their leading numbers: `2.2.53.1` to `2.11`, `15.4` to `15`. What is missing counts as 0 and
 * what is no number ends a version, as Microsoft's checks of minimum versions read them.
 */
export function compareDottedVersions(left: string, right: string): number {
  const a = numbersOf(left);
  const b = numbersOf(right);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = (a[index] ?? 0) - (b[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  return /^\d+(?:\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [];
}

/** Whether a version is `prefix` or a release of it: `9.5` of `9`, but not `95`. */
export function isVersionOf(version: string, prefix: string): boolean {
  return version === prefix || version.startsWith(`${prefix}.`);
}
