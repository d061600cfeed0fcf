/** What GRUB compares when it looks for the default. */
export interface GrubMenuNode {
  readonly title: string;
  readonly id?: string;
  /** Undefined for an entry that boots. */
  readonly items?: readonly GrubMenuNode[];
}

/**
 * The entry that a value of `default` means (`get_entry_number` of GRUB's normal module): a number, a title or an
 * identifier, `>` leads into a submenu and `>>` stands for `>`. Whatever does not fit means the first entry.
 */
export function findGrubDefault<T extends GrubMenuNode>(menu: readonly T[], value: string): T | undefined {
  const { first, rest } = splitPath(value);
  const number = /^\s*(0x[0-9a-f]+|\d+)/i.exec(first)?.[1];
  const index =
    number !== undefined ? Number(number) : menu.findIndex(({ title, id }) => title === first || sameId(id, first));
  const chosen = menu[index] ?? menu[0];
  if (!chosen?.items) return chosen;
  // The items of a node are nodes of the same kind: the menu is one tree of T.
  return findGrubDefault(chosen.items as readonly T[], rest);
}

/** blscfg takes `NAME.conf` for NAME. */
function sameId(id: string | undefined, wanted: string): boolean {
  return id !== undefined && wanted !== '' && id.replace(/\.conf$/, '') === wanted.replace(/\.conf$/, '');
}

function splitPath(value: string): { first: string; rest: string } {
  const match = /^((?:[^>]|>>)*)(?:>([\s\S]*))?$/.exec(value);
  return { first: (match?.[1] ?? value).replaceAll('>>', '>'), rest: match?.[2] ?? '' };
}
