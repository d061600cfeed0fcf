import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';

export interface KeyfileEntry extends PlacedText {
  readonly group: string;
  readonly key: string;
}

/** A key file of GLib. */
export interface Keyfile {
  /** In file order, repeated keys included. */
  readonly entries: readonly KeyfileEntry[];
  /** The value in force: GLib merges groups of one name and keeps the last of repeated keys. */
  get(group: string, key: string): KeyfileEntry | undefined;
  /** When not empty, GLib refuses the whole file and NetworkManager does not load the profile. */
  readonly problems: readonly Problem[];
}

/** `g_key_file_is_key_name`: no brackets but those of a language tag at the end. */
const keyName = /^[^=[\]]+(?:\[[\p{L}\p{N}_.@-]*\])?$/u;

/**
 * Reads a key file as GLib does (gkeyfile.c `g_key_file_parse_line`): a line is blank, a comment that begins with `#`,
 * a `[group]`, or `key=value`; anything else is an error that drops the file. Values are raw: `\s`, `\n` and the like stay.
 *
 * The `ini` package is not used: it ends a value at `;`, which separates the items of every list in these files, takes
 * lines that begin with `;` for comments, unquotes values, nests groups whose names hold a dot, accepts what GLib
 * refuses, and knows no lines.
 */
export function parseKeyfile(text: string): Keyfile {
  const entries: KeyfileEntry[] = [];
  const problems: Problem[] = [];
  const latest = new Map<string, KeyfileEntry>();
  let group: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/\r$/, '').replace(/^[ \t\n\f\r]+/, '');
    if (content === '' || content.startsWith('#')) continue;
    const header = /^\[([^[\]\p{Cc}]+)\][ \t]*$/u.exec(content)?.[1];
    if (header !== undefined) {
      group = header;
      continue;
    }
    const equals = content.indexOf('=');
    if (content.startsWith('[') || equals < 1) {
      problems.push({ line, message: 'neither a [group] nor key=value' });
      continue;
    }
    if (group === undefined) {
      problems.push({ line, message: 'a key stands before the first [group]' });
      continue;
    }
    const key = content.slice(0, equals).replace(/[ \t\f\r]+$/, '');
    if (!keyName.test(key)) {
      problems.push({ line, message: `${key} is no key name` });
      continue;
    }
    const value = content.slice(equals + 1).replace(/^[ \t\f\r]+/, '');
    const entry = { group, key, value, line };
    entries.push(entry);
    latest.set(`${group}\n${key}`, entry);
  }
  return { entries, problems, get: (name, key) => latest.get(`${name}\n${key}`) };
}

/** Setting names of NetworkManager and their short forms (`nm_keyfile_plugin_get_alias_for_setting_name`). */
const ethernetGroups = ['ethernet', '802-3-ethernet'] as const;
const addressKey = /^address(?:es)?\d*$/;
const routeKey = /^routes?\d*$/;
const anywhere = /^(?:0\.0\.0\.0|::)\/0$/;
/** Words of `cloned-mac-address` besides an address. */
const addressPolicies = ['preserve', 'permanent', 'random', 'stable', 'stable-ssid'];

/**
 * The connection profile in a `*.nmconnection` file (libnm-core `nm_keyfile_read`). Undefined when GLib refuses the
 * file or the connection is not a wired one.
 */
export function readConnectionProfile(keyfile: Keyfile): InterfaceProfile | undefined {
  const type = keyfile.get('connection', 'type') ?? first(ethernetGroups.map((group) => findGroup(keyfile, group)));
  const isWired = type !== undefined && ['ethernet', '802-3-ethernet'].includes(type.value || type.group);
  if (keyfile.problems.length > 0 || !isWired) return undefined;
  const name = keyfile.get('connection', 'interface-name');
  const listed = (pattern: RegExp) =>
    keyfile.entries
      .filter(({ group, key, value }) => isAddressGroup(group) && pattern.test(key) && value !== '')
      .map(({ value, line }) => ({ words: value.split(/[,;]/), line }));
  const routes = listed(routeKey);
  const word = (index: number) => (item: { words: string[]; line: number }) =>
    item.words[index] ? [{ value: item.words[index], line: item.line }] : [];
  return {
    line: keyfile.entries[0]?.line ?? 1,
    names: present(name),
    hardwareAddresses: ethernetGroups.flatMap((group) => present(keyfile.get(group, 'mac-address'))),
    addresses: listed(addressKey).flatMap(word(0)),
    dhcp: ['ipv4', 'ipv6'].flatMap((group) =>
      present(keyfile.get(group, 'method')).filter(({ value }) => value === 'auto' || value === 'dhcp'),
    ),
    drivers: present(keyfile.get('match', 'driver')).flatMap(({ value, line }) =>
      value
        .split(';')
        .filter((driver) => driver !== '')
        .map((driver) => ({ value: driver, line })),
    ),
    givenHardwareAddresses: ethernetGroups
      .flatMap((group) => present(keyfile.get(group, 'cloned-mac-address')))
      .filter(({ value }) => !addressPolicies.includes(value)),
    gateways: [
      ...listed(/^gateway$/).flatMap(word(0)),
      ...listed(addressKey).flatMap(word(1)),
      ...routes.filter(({ words }) => anywhere.test(words[0] ?? '')).flatMap(word(1)),
    ],
    routes: routes.filter(({ words }) => !anywhere.test(words[0] ?? '')).flatMap(word(0)),
    nameServers: listed(/^dns$/).flatMap(({ words, line }) =>
      words.filter((value) => value !== '').map((value) => ({ value, line })),
    ),
  };
}

function isAddressGroup(group: string): boolean {
  return group === 'ipv4' || group === 'ipv6';
}

function findGroup(keyfile: Keyfile, group: string): KeyfileEntry | undefined {
  const entry = keyfile.entries.find((candidate) => candidate.group === group);
  return entry && { ...entry, value: '' };
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}

function present(entry: KeyfileEntry | undefined): PlacedText[] {
  return entry === undefined || entry.value === '' ? [] : [{ value: entry.value, line: entry.line }];
}
