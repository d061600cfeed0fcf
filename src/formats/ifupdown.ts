import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';

/** One `iface NAME FAMILY METHOD` stanza with its options. */
export interface InterfaceStanza {
  readonly name: string;
  /** `inet`, `inet6`, …; empty when the line leaves it out. */
  readonly family: string;
  /** `dhcp`, `static`, `manual`, `loopback`, `auto`, …. */
  readonly method: string;
  readonly line: number;
  readonly options: readonly (PlacedText & { readonly key: string })[];
}

/** A file in the format of interfaces(5). */
export interface InterfacesFile {
  readonly stanzas: readonly InterfaceStanza[];
  /** Names and globs on `auto` lines (brought up at boot) and `allow-CLASS` lines (`hotplug`: when they appear). */
  readonly started: readonly (PlacedText & { readonly allow: string })[];
  /** Patterns on `source` and `source-directory` lines. */
  readonly sources: readonly PlacedText[];
  readonly problems: readonly Problem[];
}

/**
 * Reads /etc/network/interfaces and the files that it sources, as ifupdown does (config.c `get_line`,
 * `read_interfaces_file`): `#` comments only at the start of a line, a backslash at the end joins the next line, words
 * are split at blanks and tabs, option lines belong to the stanza above.
 */
export function parseInterfaces(text: string): InterfacesFile {
  const stanzas: (Omit<InterfaceStanza, 'options'> & { options: (PlacedText & { key: string })[] })[] = [];
  const started: (PlacedText & { allow: string })[] = [];
  const sources: PlacedText[] = [];
  const problems: Problem[] = [];
  let options: (PlacedText & { key: string })[] | undefined;
  for (const { value, line } of logicalLines(text)) {
    const [keyword = '', ...words] = value.split(/[ \t]+/);
    if (keyword === 'iface') {
      const [name = '', family = '', method = ''] = words;
      options = [];
      if (name === '') problems.push({ line, message: 'iface without an interface name' });
      stanzas.push({ name, family, method, line, options });
    } else if (keyword === 'auto' || keyword.startsWith('allow-')) {
      options = undefined;
      const allow = keyword.replace(/^allow-/, '');
      started.push(...words.map((word) => ({ value: word, line, allow })));
    } else if (keyword === 'source' || keyword === 'source-directory' || keyword === 'source-dir') {
      options = undefined;
      sources.push(...words.map((word) => ({ value: word, line })));
    } else if (['mapping', 'rename', 'no-auto-down', 'no-scripts', 'template'].includes(keyword)) {
      // Options that follow a mapping belong to it and say nothing about an address.
      options = [];
    } else if (options === undefined) {
      problems.push({ line, message: `${keyword} stands outside any stanza` });
    } else {
      options.push({ key: keyword, value: words.join(' '), line });
    }
  }
  return { stanzas, started, sources, problems };
}

/** The stanzas of physical interfaces; several stanzas of one name (one per family) make one profile. */
export function readInterfaceStanzas(file: InterfacesFile): readonly InterfaceProfile[] {
  const physical = file.stanzas.filter(
    ({ name, method, options }) =>
      name !== '' && method !== 'loopback' && !options.some(({ key }) => /^(bond|bridge|vlan)[-_]/.test(key)),
  );
  return [...new Set(physical.map(({ name }) => name))].map((name) => {
    const stanzas = physical.filter((stanza) => stanza.name === name);
    const line = stanzas[0]?.line ?? 1;
    const option = (...keys: string[]): PlacedText[] =>
      stanzas
        .flatMap(({ options }) => options)
        .filter(({ key, value }) => keys.includes(key) && value !== '')
        .map((found) => ({ value: found.value, line: found.line }));
    return {
      line,
      names: [{ value: name, line }],
      hardwareAddresses: [],
      addresses: stanzas
        .filter(({ method }) => method !== 'dhcp')
        .flatMap(({ options }) => options.filter(({ key, value }) => key === 'address' && value !== ''))
        .map((option) => ({ value: option.value, line: option.line })),
      dhcp: stanzas.filter(({ method }) => method === 'dhcp').map((stanza) => ({ value: 'dhcp', line: stanza.line })),
      drivers: [],
      givenHardwareAddresses: option('hwaddress')
        .map(({ value, line: at }) => ({ value: value.replace(/^ether[ \t]+/, ''), line: at }))
        .filter(({ value }) => value !== 'random'),
      gateways: option('gateway'),
      routes: [],
      nameServers: option('dns-nameservers', 'dns-nameserver').flatMap(({ value, line: at }) =>
        value.split(/[ \t]+/).map((server) => ({ value: server, line: at })),
      ),
    };
  });
}

/** Joins continued lines; the number is that of the first. Blank lines and comments are gone. */
function logicalLines(text: string): PlacedText[] {
  const result: PlacedText[] = [];
  let open: PlacedText | undefined;
  const close = () => {
    const value = open?.value.replace(/^[ \t]+|[ \t\r]+$/g, '');
    if (open !== undefined && value) result.push({ value, line: open.line });
    open = undefined;
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line: number = index + 1;
    if (open === undefined && /^[ \t]*#/.test(raw)) continue;
    const continues = raw.endsWith('\\');
    open = { value: (open?.value ?? '') + (continues ? raw.slice(0, -1) : raw), line: open?.line ?? line };
    if (!continues) close();
  }
  close();
  return result;
}
