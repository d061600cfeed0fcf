/**
 * Order of kernel releases and entry names, oldest first: digits compare as numbers, `~` sorts before everything, the
 * rest by code unit, as in `strverscmp_improved` of systemd and GRUB's `vercmp`.
 */
export function compareVersions(left: string, right: string): number {
  const a = split(left);
  const b = split(right);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareParts(a[index], b[index]);
    if (order !== 0) return order;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function split(version: string): string[] {
  return version.match(/\d+|~|[A-Za-z]+/g) ?? [];
}

function compareParts(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (left === '~' || right === '~') return left === '~' ? -1 : 1;
  if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
  const leftIsNumber = /^\d/.test(left);
  const rightIsNumber = /^\d/.test(right);
  // A number is newer than a word: 6.1.0 over 6.1.rc.
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? 1 : -1;
  if (!leftIsNumber) return left < right ? -1 : 1;
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
