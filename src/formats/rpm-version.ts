/** An installed version of rpm: `[epoch:]version[-release]`. */
export interface RpmVersion {
  readonly epoch: number;
  readonly version: string;
  /** Empty when it is not given. */
  readonly release: string;
}

/** Splits as `parseEVR` of rpm: at the first colon behind digits and the last hyphen. */
export function parseRpmVersion(text: string): RpmVersion {
  const [, epoch, rest = ''] = /^(?:(\d*):)?(.*)$/s.exec(text) ?? [];
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch ?? 0),
    version: hyphen < 0 ? rest : rest.slice(0, hyphen),
    release: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** Order of two versions with epoch and release (`rpmverCmp`): negative when the left is older. */
export function compareRpmVersions(left: string, right: string): number {
  const a = parseRpmVersion(left);
  const b = parseRpmVersion(right);
  return a.epoch - b.epoch || compareRpmPart(a.version, b.version) || compareRpmPart(a.release, b.release);
}

/**
 * `rpmvercmp`: segments of digits or letters in turn; other characters only separate. A tilde comes before everything,
 * even the end; a caret comes behind the end and before every other continuation.
 */
export function compareRpmPart(left: string, right: string): number {
  if (left === right) return 0;
  let one = left;
  let two = right;
  while (one !== '' || two !== '') {
    one = one.replace(/^[^A-Za-z0-9~^]+/, '');
    two = two.replace(/^[^A-Za-z0-9~^]+/, '');
    if (one[0] === '~' || two[0] === '~') {
      if (one[0] !== '~') return 1;
      if (two[0] !== '~') return -1;
      one = one.slice(1);
      two = two.slice(1);
      continue;
    }
    if (one[0] === '^' || two[0] === '^') {
      if (one === '') return -1;
      if (two === '') return 1;
      if (one[0] !== '^') return 1;
      if (two[0] !== '^') return -1;
      one = one.slice(1);
      two = two.slice(1);
      continue;
    }
    if (one === '' || two === '') break;
    const isNumber = /^\d/.test(one);
    const segment = isNumber ? /^\d*/ : /^[A-Za-z]*/;
    const a = segment.exec(one)?.[0] ?? '';
    const b = segment.exec(two)?.[0] ?? '';
    // Segments of different kinds: a number is newer than letters.
    if (b === '') return isNumber ? 1 : -1;
    const order = isNumber ? compareNumbers(a, b) : compareText(a, b);
    if (order !== 0) return order;
    one = one.slice(a.length);
    two = two.slice(b.length);
  }
  if (one === two) return 0;
  return one === '' ? -1 : 1;
}

function compareNumbers(left: string, right: string): number {
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  return a.length - b.length || compareText(a, b);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
