/** Bytes that stand in place of an image's own. */
export interface Change {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What makes a good image a bad one. */
export interface Patch {
  readonly changes: readonly Change[];
  /** Bytes of the file, when it is cut. */
  readonly length?: number;
}

/** A patch that showed a defect, as kept in fixtures/images/fuzz. */
export interface KeptCase {
  /** What was wrong when it was found. */
  readonly found: string;
  /** `OFFSET:HEX`, each. */
  readonly bytes: readonly string[];
  readonly length?: number;
}

export function toCase({ changes, length }: Patch, found: string): KeptCase {
  return { found, bytes: toText(changes), ...(length !== undefined && { length }) };
}

export function fromCase({ bytes, length }: KeptCase): Patch {
  return { changes: fromText(bytes), ...(length !== undefined && { length }) };
}

/** One text per change, as messages between processes and fixtures have them. */
export function toText(changes: readonly Change[]): string[] {
  return changes.map(({ offset, bytes }) => `${offset}:${Buffer.from(bytes).toString('hex')}`);
}

export function fromText(lines: readonly string[]): Change[] {
  return lines.map((line) => {
    const [offset = '', hex = ''] = line.split(':');
    return { offset: Number(offset), bytes: Buffer.from(hex, 'hex') };
  });
}

/** The image with the changes made, in an array of its own. */
export function patched(image: Uint8Array, { changes, length }: Patch): Uint8Array {
  const bytes = new Uint8Array(image);
  for (const change of changes) bytes.set(change.bytes.subarray(0, bytes.length - change.offset), change.offset);
  return length === undefined ? bytes : bytes.subarray(0, length);
}

/** Runs of bytes in which two images of one length differ. */
export function differences(before: Uint8Array, after: Uint8Array): Change[] {
  const changes: Change[] = [];
  // Most of an image is the same, which Node compares much faster.
  const PAGE = 65_536;
  for (let page = 0; page < before.length; page += PAGE) {
    const end = Math.min(page + PAGE, before.length);
    if (Buffer.compare(before.subarray(page, end), after.subarray(page, end)) === 0) continue;
    for (let at = page; at < end; at++) {
      if (before[at] === after[at]) continue;
      const offset = at;
      while (at < end && before[at] !== after[at]) at += 1;
      changes.push({ offset, bytes: after.slice(offset, at) });
    }
  }
  return changes;
}
