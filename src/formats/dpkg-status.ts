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
  let stanza: Stanza = new Map();
  let field: { lines: string[] } | undefined;
  const close = () => {
    const found = packageOf(stanza);
    if (found) packages.set(`${found.name}:${found.architecture ?? ''}`, found);
    else if (stanza.size > 0) {
      const line = Math.min(...[...stanza.values()].map((value) => value.line));
      problems.push({ line, message: 'a stanza names no package' });
    }
    stanza = new Map();
    field = undefined;
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (/^[ \t]*$/.test(line)) close();
    else if (/^[ \t]/.test(line)) {
      if (field) field.lines.push(line);
      else problems.push({ line: index + 1, message: 'a line goes on with a field that did not begin' });
    } else {
      const [, name, value] = /^([^\s:]+)[ \t]*:(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) {
        problems.push({ line: index + 1, message: 'a line is neither a field nor the rest of one' });
        field = undefined;
        continue;
      }
      const opened = { lines: [value.trim()], line: index + 1 };
      stanza.set(name.toLowerCase(), opened);
      field = opened;
    }
  }
  close();
  return { packages: [...packages.values()], problems };
}

type Stanza = Map<string, { readonly lines: readonly string[]; readonly line: number }>;

function packageOf(stanza: Stanza): DpkgPackage | undefined {
  const name = stanza.get('package');
  if (!name?.lines[0]) return undefined;
  const version = stanza.get('version');
  const architecture = stanza.get('architecture')?.lines[0];
  return {
    name: name.lines[0],
    ...(version?.lines[0] && { version: version.lines[0], versionLine: version.line }),
    ...(architecture && { architecture }),
    state: stanza.get('status')?.lines[0]?.split(/\s+/)[2] ?? 'not-installed',
    configurationFiles: (stanza.get('conffiles')?.lines ?? []).flatMap((line) => {
      const [, path, obsolete] = /^[ \t]*(\/.*?)[ \t]+\S+([ \t]+obsolete)?[ \t]*$/.exec(line) ?? [];
      return path === undefined || obsolete ? [] : [path];
    }),
    line: name.line,
  };
}
