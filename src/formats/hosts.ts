/** One line of /etc/hosts. */
export interface HostsEntry {
  readonly address: string;
  /** Canonical name first, then aliases. */
  readonly names: readonly string[];
  readonly line: number;
}

/**
 * Reads /etc/hosts as the C library does (nss_files `LINE_PARSER`, hosts(5)): `#` begins a comment anywhere, fields are
 * split at blanks and tabs, a line without a name is skipped.
 */
export function parseHosts(text: string): readonly HostsEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.replace(/#.*$/s, '').trim();
    const [address = '', ...names] = content.split(/[ \t\r\v\f]+/);
    return address === '' || names.length === 0 ? [] : [{ address, names, line: index + 1 }];
  });
}

/** Whether the address is the machine's own loopback: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return /^127(?:\.\d{1,3}){1,3}$/.test(address) || address === '::1';
}
