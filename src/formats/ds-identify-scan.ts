/**
 * How ds-identify, a shell script, finds `datasource_list` and reads its own configuration: line by line, without
 * knowing YAML. Mirrors check_config, parse_yaml_array, _read_config and parse_policy of tools/ds-identify.
 */

/** A text with its path in the image. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** A line that says something, as `Evidence` of a report. */
export interface Place {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Generations of the line scan. `read`: up to 23.3 and from 23.4.2 to 24.1, key at the start of the line and exactly
 * one blank after the colon. `grep`: 23.4 and 23.4.1, the key anywhere in the line. `flow`: from 24.2, with quotes and
 * blanks allowed.
 */
export type ScanDialect = 'read' | 'grep' | 'flow';

/**
 * The dialect that a ds-identify script itself shows in check_config. Vendors take single commits back and forth (Red
 * Hat ships 23.4 with the older scan), so the script in the image knows better than its version.
 */
export function scanDialectOfScript(script: string): ScanDialect | undefined {
  const body = /^check_config\(\) \{\n([\s\S]*?)^\}/m.exec(script)?.[1];
  if (body === undefined) return undefined;
  if (/grep "\$key\[/.test(body)) return 'flow';
  if (/grep "\$key\\"/.test(body)) return 'grep';
  return /while read line/.test(body) ? 'read' : undefined;
}

/** What a ds-identify script shows of itself; each is undefined where it does not show it. */
export interface ScriptTraits {
  readonly dialect?: ScanDialect;
  /** It sources /usr/libexec/ds-identify-env. */
  readonly readsEnvironment?: boolean;
  /** A fruitless search disables cloud-init on processors other than x86, too. */
  readonly isStrict?: boolean;
}

export function traitsOfScript(script: string): ScriptTraits {
  const dialect = scanDialectOfScript(script);
  const fruitless = /^DI_DEFAULT_POLICY_NO_DMI="[^"\n]*notfound=\$\{DI_(ENABLED|DISABLED)\}"/m.exec(script)?.[1];
  return {
    ...(dialect && { dialect, readsEnvironment: script.includes('/usr/libexec/ds-identify-env') }),
    ...(fruitless !== undefined && { isStrict: fruitless === 'DISABLED' }),
  };
}

export function scanDialect(version: readonly number[] | undefined): ScanDialect {
  if (version === undefined || isAtLeast(version, [24, 2])) return 'flow';
  return isAtLeast(version, [23, 4]) && !isAtLeast(version, [23, 4, 2]) ? 'grep' : 'read';
}

/** Numbers of a version such as `24.1.3-0ubuntu1~22.04.4`; undefined when it does not begin with one. */
export function versionNumbers(version: string | undefined): readonly number[] | undefined {
  const upstream = /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version ?? '')?.[1];
  return upstream?.split('.').map(Number);
}

export function isAtLeast(version: readonly number[], wanted: readonly number[]): boolean {
  for (const [index, number] of wanted.entries()) {
    const difference = (version[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

interface ShellLine {
  readonly line: number;
  readonly text: string;
}

/** `while read line`: backslashes escape, blanks at both ends go, a last line without line break is never seen. */
function shellReadLines(text: string): readonly ShellLine[] {
  const lines: ShellLine[] = [];
  let current = '';
  let line = 1;
  let start = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') {
      const next = text.charAt(++at);
      if (next === '\n') line++;
      else current += next;
    } else if (character === '\n') {
      lines.push({ line: start, text: current.replace(/^[ \t]+|[ \t]+$/g, '') });
      current = '';
      start = ++line;
    } else current += character;
  }
  return lines;
}

/** What a `datasource_list` line gives, before it is split into names. */
export interface ScannedList {
  readonly words: readonly string[];
  readonly place: Place;
}

/** read_datasource_list over cloud.cfg and the drop-ins in their order; the last hit wins. Undefined: built-in list. */
export function scanDatasourceList(files: readonly NamedText[], dialect: ScanDialect): ScannedList | undefined {
  const hits = files.flatMap((file) => (dialect === 'read' ? readHits(file) : grepHits(file, dialect)));
  const last = hits.at(-1);
  if (last === undefined) return undefined;
  let value = last.value;
  if (dialect === 'flow') {
    value = trim(value.slice(value.lastIndexOf(':') + 1));
    if (value === '') return undefined;
  }
  const list = parseYamlArray(value, dialect);
  return list === '' ? undefined : { words: shellWords(list), place: last.place };
}

interface Hit {
  readonly value: string;
  readonly place: Place;
}

function readHits({ path, text }: NamedText): Hit[] {
  return shellReadLines(text).flatMap(({ line, text: whole }) => {
    const content = withoutComment(whole);
    if (content !== 'datasource_list:' && !content.startsWith('datasource_list: ')) return [];
    const value = content.slice(content.indexOf(':') + 1).replace(/^ /, '');
    return [{ value, place: { path, line, text: whole } }];
  });
}

function grepHits({ path, text }: NamedText, dialect: 'grep' | 'flow'): Hit[] {
  const pattern = dialect === 'grep' ? /datasource_list"?:/ : /datasource_list["']*[ \t\v\f\r]*:/;
  return text.split('\n').flatMap((whole, index) => {
    if (!pattern.test(whole)) return [];
    const content = withoutComment(whole);
    if (dialect === 'flow' && content === '') return [];
    const separator = content.indexOf(': ');
    const value = separator === -1 ? content : content.slice(separator + 2);
    return [{ value, place: { path, line: index + 1, text: whole.trim() } }];
  });
}

function withoutComment(line: string): string {
  const comment = line.indexOf('#');
  return comment === -1 ? line : line.slice(0, comment);
}

/** The names of `[ a, 'b' ]` or `a, b`, separated by blanks as the script keeps them. */
export function parseYamlArray(text: string, dialect: ScanDialect): string {
  const fields = text.replace(/^\[/, '').replace(/\]$/, '').split(',');
  // The shell drops one empty field at the end.
  if (fields.at(-1) === '') fields.pop();
  const names = fields.map((field) => unquote(dialect === 'flow' ? trim(field) : shellWords(field).join(' ')));
  return names.join(' ');
}

export function shellWords(text: string): readonly string[] {
  return text.split(/[ \t\n]+/).filter((word) => word !== '');
}

function trim(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
}

function unquote(text: string): string {
  return /^(?:"[\s\S]*"|'[\s\S]*')$/.test(text) ? text.slice(1, -1) : text;
}

/** Settings of /etc/cloud/ds-identify.cfg, last line of each. */
export interface DsIdentifySettings {
  readonly datasource?: { readonly value: string; readonly place: Place };
  readonly policy?: { readonly value: string; readonly place: Place };
}

export function readDsIdentifyConfig({ path, text }: NamedText, dialect: ScanDialect): DsIdentifySettings {
  const settings: { -readonly [K in keyof DsIdentifySettings]: DsIdentifySettings[K] } = {};
  const strip = (part: string) => (dialect === 'flow' ? trim(part) : shellWords(part).join(' '));
  for (const { line, text: whole } of shellReadLines(text)) {
    const content = withoutComment(whole);
    const colon = content.indexOf(':');
    if (colon === -1) continue;
    const key = strip(content.slice(0, colon));
    const value = unquote(strip(content.slice(colon + 1)));
    if (key === 'datasource' || key === 'policy') settings[key] = { value, place: { path, line, text: whole } };
  }
  return settings;
}

export interface Policy {
  readonly mode: 'disabled' | 'enabled' | 'search' | 'report';
  readonly found: 'all' | 'first';
  readonly notFound: 'disabled' | 'enabled';
}

/** parse_policy, with what a fruitless search comes to by default. */
export function parsePolicy(text: string, isStrict: boolean): Policy {
  let mode: Policy['mode'] = 'search';
  let found: Policy['found'] = 'all';
  let notFound: Policy['notFound'] = isStrict ? 'disabled' : 'enabled';
  for (const token of text.split(',')) {
    if (token === 'disabled' || token === 'enabled' || token === 'search' || token === 'report') mode = token;
    if (token.startsWith('found=')) found = token === 'found=first' ? 'first' : 'all';
    if (token === 'notfound=disabled') notFound = 'disabled';
    if (token === 'notfound=enabled') notFound = 'enabled';
    if (/^notfound=(?!(?:disabled|enabled)$)/.test(token)) notFound = isStrict ? 'disabled' : 'enabled';
  }
  return { mode, found, notFound };
}

/** Lines on which YAML sees a one-line `datasource_list` and the scan up to 24.1 does not read it as written. */
export function oddlySpacedLists(files: readonly NamedText[]): readonly Place[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const match = /^\s*(["']?)datasource_list\1(\s*):(\s+)[^\s#]/.exec(line);
      const odd = match !== null && (match[1] !== '' || match[2] !== '' || match[3] !== ' ');
      return odd ? [{ path, line: index + 1, text: line.trim() }] : [];
    }),
  );
}
