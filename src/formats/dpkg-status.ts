import type { Problem } from './problem.ts';

/** A package in dpkg's database. */
export interface DpkgPackage {
  readonly name: string;
  /** As written, with epoch and revision; undefined for a package of which only its configuration is known, perhaps. */
  readonly version?: string;
  readonly architecture?: string;
  /** Third word of `Status`: `installed`, `config-files`, `half-installed`, … */
  readonly state: string;
  /** Files of `Conffiles`, without those that are obsolete. */
  readonly configurationFiles: readonly string[];
  /** Line of `Package`. */
  readonly line: number;
  /** Line of `Version`. */
  readonly versionLine?: number;
}

export interface DpkgStatus {
  readonly packages: readonly DpkgPackage[];
  readonly problems: readonly Problem[];
}

/**
 * /var/lib/dpkg/status as dpkg's parsedb reads it: stanzas of `Field: value` lines, divided by empty lines; lines that
 * begin with a blank go on with the field above; names of fields in any case; the last stanza of a package wins.
 */
export function parseDpkgStatus(text: string): DpkgStatus {
  const packages = new Map<string, DpkgPackage>();
  const problems: Problem[] = [];
  let stanza: Stanza | undefined;
  let field: { lines: string[] } | undefined;
  const close = () => {
    const found = stanza && packageOf(stanza);
    if (found) packages.set(`${found.name}:${found.architecture ?? ''}`, found);
    else if (stanza) problems.push({ line: stanza.line, message: 'a stanza names no package' });
    stanza = undefined;
    field = undefined;
  };
  let line = 0;
  for (let start = 0, end = 0; start <= text.length; start = end + 1) {
    end = lineEnd(text, start);
    line += 1;
    const isBlank = isBlankCode(text.charCodeAt(start));
    if (start === end || (isBlank && /^[ \t]*$/.test(text.slice(start, end)))) close();
    else if (isBlank) {
      if (!field) problems.push({ line, message: 'a line goes on with a field that did not begin' });
      else if (field !== ignored) field.lines.push(text.slice(start, end));
    } else {
      const name = fieldName(text, start, end);
      if (name === undefined) {
        problems.push({ line, message: 'a line is neither a field nor the rest of one' });
        field = undefined;
        continue;
      }
      stanza ??= { line, fields: new Map() };
      field = ignored;
      if (!wanted.has(name.text)) continue;
      const opened = { lines: [text.slice(name.end, end).trim()], line };
      stanza.fields.set(name.text, opened);
      field = opened;
    }
  }
  close();
  return { packages: [...packages.values()], problems };
}

interface Stanza {
  /** Where it begins. */
  readonly line: number;
  readonly fields: Map<string, { readonly lines: readonly string[]; readonly line: number }>;
}

/** The database of a system has a megabyte of descriptions and dependencies, which nobody here asks for. */
const wanted = new Set(['package', 'version', 'architecture', 'status', 'conffiles']);
const ignored: { lines: string[] } = { lines: [] };

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Name of the field that begins here, in lower case, and where its value begins; undefined when the line is none. */
function fieldName(text: string, start: number, end: number): { text: string; end: number } | undefined {
  const colon = text.indexOf(':', start);
  if (colon < 0 || colon >= end) return undefined;
  const name = text.slice(start, colon).replace(/[ \t]+$/, '');
  return name === '' || /\s/.test(name) ? undefined : { text: name.toLowerCase(), end: colon + 1 };
}

function packageOf({ fields }: Stanza): DpkgPackage | undefined {
  const name = fields.get('package');
  if (!name?.lines[0]) return undefined;
  const version = fields.get('version');
  const architecture = fields.get('architecture')?.lines[0];
  return {
    name: name.lines[0],
    ...(version?.lines[0] && { version: version.lines[0], versionLine: version.line }),
    ...(architecture && { architecture }),
    state: fields.get('status')?.lines[0]?.split(/\s+/)[2] ?? 'not-installed',
    configurationFiles: (fields.get('conffiles')?.lines ?? []).flatMap((line) => {
      const [, path, obsolete] = /^[ \t]*(\/.*?)[ \t]+\S+([ \t]+obsolete)?[ \t]*$/.exec(line) ?? [];
      return path === undefined || obsolete ? [] : [path];
    }),
    line: name.line,
  };
}
