/** A section of a *.repo file of dnf, yum or zypper. */
export interface RepoSection {
  readonly id: string;
  readonly enabled: boolean;
  readonly values: ReadonlyMap<string, string>;
  readonly line: number;
}

const off = new Set(['0', 'no', 'false', 'off']);

/**
 * Sections of a *.repo file or yum.conf, as Python's ConfigParser and libdnf read them: `[id]`, `key = value` or
 * `key: value`, lines that begin with a blank go on, `#` and `;` begin comments. A repository is enabled unless told.
 */
export function parseRepoFile(text: string): readonly RepoSection[] {
  const sections: { id: string; values: Map<string, string>; line: number }[] = [];
  let key: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const section = sections.at(-1);
    const [, id] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, name, value] = /^([^\s=:#;][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (id !== undefined) {
      sections.push({ id, values: new Map(), line: index + 1 });
      key = undefined;
    } else if (/^\s*[#;]/.test(line) || line.trim() === '') {
    } else if (/^\s/.test(line)) {
      if (section && key !== undefined) section.values.set(key, `${section.values.get(key)}\n${line.trim()}`);
    } else if (section && name !== undefined && value !== undefined) {
      key = name.toLowerCase();
      section.values.set(key, value);
    }
  }
  return sections.map((section) => ({
    ...section,
    enabled: !off.has(section.values.get('enabled')?.toLowerCase() ?? '1'),
  }));
}
