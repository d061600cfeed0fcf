/** One `key value` line of a Boot Loader Specification entry. */
export interface BlsField {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface BlsEntry {
  readonly fields: readonly BlsField[];
  /** First value of a key that counts once. */
  first(key: string): string | undefined;
  /** Every value of a key that may repeat: `options`, `initrd`. */
  all(key: string): readonly BlsField[];
}

/**
 * A type 1 entry of the Boot Loader Specification, as GRUB's blscfg module and systemd-boot read it: key and value are
 * separated by blanks, `#` lines are comments, keys may repeat, a key without a value says nothing.
 */
export function parseBlsEntry(text: string): BlsEntry {
  const fields: BlsField[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^[ \t]*([^\s#]\S*)[ \t]+(\S.*?)\s*$/.exec(raw);
    if (match) fields.push({ key: match[1] ?? '', value: match[2] ?? '', line: index + 1, text: raw });
  }
  const all = (key: string) => fields.filter((field) => field.key === key);
  return { fields, all, first: (key) => all(key)[0]?.value };
}
