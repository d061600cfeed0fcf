/** Parts of a Debian version, `[epoch:]upstream[-revision]`. */
export interface DebVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** Empty for a native package. */
  readonly revision: string;
}

/** Splits as `parseversion` of dpkg: at the first colon and the last hyphen. An epoch that is no number counts as 0. */
export function parseDebVersion(text: string): DebVersion {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const epoch = colon < 0 ? 0 : Number.parseInt(trimmed.slice(0, colon), 10);
  const rest = trimmed.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: Number.isNaN(epoch) ? 0 : epoch,
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** Order of two Debian versions (`dpkg_version_compare`): negative when the left is older. */
export function compareDebVersions(left: string, right: string): number {
  const a = parseDebVersion(left);
  const b = parseDebVersion(right);
  return a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision);
}

/** `verrevcmp`: alternately the text before the next digit, character by character, and the digits as a number. */
function comparePart(left: string, right: string): number {
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    while ((i < left.length && !isDigit(left[i])) || (j < right.length && !isDigit(right[j]))) {
      const order = weightOf(left[i]) - weightOf(right[j]);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    const a = digitsAt(left, i);
    const b = digitsAt(right, j);
    const order = compareNumbers(a, b);
    if (order !== 0) return order;
    i += a.length;
    j += b.length;
  }
  return 0;
}

/** The tilde comes before the end, letters before everything else. */
function weightOf(character: string | undefined): number {
  if (character === undefined || isDigit(character)) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function digitsAt(text: string, start: number): string {
  let end = start;
  while (isDigit(text[end])) end += 1;
  return text.slice(start, end);
}

function compareNumbers(left: string, right: string): number {
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
