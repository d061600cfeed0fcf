const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Bytes, or a number with a unit: `500MiB`; parts may be added: `30GiB+512`. */
export type CaseSize = number | string;

export function bytesOf(size: CaseSize): number {
  if (typeof size === 'number') return size;
  return size
    .split('+')
    .map((part) => {
      const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]iB)?\s*$/.exec(part) ?? [];
      if (digits === undefined) throw new Error(`expected a size such as 500MiB, found ${JSON.stringify(size)}`);
      return Number(digits) * (unit === undefined ? 1 : (units[unit] ?? 1));
    })
    .reduce((sum, part) => sum + part, 0);
}
