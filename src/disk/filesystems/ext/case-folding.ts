const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * The form in which two names of a directory with casefold are the same: NFD with full case folding and without
 * ignorable characters, as utf8_nfdicf of the kernel's fs/unicode/utf8-norm.c makes it.
 */
export function foldName(name: string): string {
  // By way of upper case, characters fold that have no lower case of their own: the sharp s, a final sigma.
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD').replace(ignorable, '');
}

/** The names of a directory by their folded forms. */
export function foldedNames(entries: ReadonlyMap<string, unknown>): Map<string, string> {
  return new Map([...entries.keys()].map((name) => [foldName(name), name]));
}
