import { grubNumber } from './grub-number.ts';

/** What GRUB compares when it looks for the default. */
export interface GrubMenuNode {
  readonly title: string;
  readonly id?: string;
  /** Undefined for an entry that boots. */
  readonly items?: readonly GrubMenuNode[];
}

/**
 * The entry that a value of `default` means (`get_entry_number` of GRUB's normal module): an identifier, a title or a
 * number, `>` leads into a submenu and `>>` stands for `>`. Whatever does not fit means the first entry.
 *
 * Upstream asks for the number first. Red Hat's GRUB asks for it last, because its identifiers begin with a machine ID,
 * and with one of those the number is never meant; nobody else's identifiers and titles begin with a digit.
 */
export function findGrubDefault<T extends GrubMenuNode>(menu: readonly T[], value: string): T | undefined {
  const { first, rest } = splitPath(value);
  const named =
    first === '' ? undefined : (menu.find(({ id }) => id === first) ?? menu.find(({ title }) => title === first));
  const numbered = /^\s*(?:0x[\da-fA-F]+|\d+)\s*$/.test(first) ? menu[grubNumber(first)] : undefined;
  const chosen = named ?? numbered ?? menu[0];
  if (!chosen?.items) return chosen;
  // The items of a node are nodes of the same kind: the menu is one tree of T.
  return findGrubDefault(chosen.items as readonly T[], rest);
}

function splitPath(value: string): { first: string; rest: string } {
  const rest = value.replace(/^(?:[^>]|>>)*/, '');
  const first = value.slice(0, value.length - rest.length);
  return { first: first.replaceAll('>>', '>'), rest: rest.slice(1) };
}
