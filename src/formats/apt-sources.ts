import type { Problem } from './problem.ts';

/** One archive that apt fetches binary packages from. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly line: number;
}

export interface AptSources {
  readonly sources: readonly AptSource[];
  readonly problems: readonly Problem[];
}

/** sources.list and *.list: `deb [options] URI SUITE COMPONENT…`, as pkgSourceList's ParseFileOneLine of apt reads it. */
export function parseAptList(text: string): AptSources {
  const sources: AptSource[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/#.*$/, '').trim();
    if (content === '') continue;
    const [, type, rest = ''] = /^(deb|deb-src)\s+(?:\[[^\]]*\]\s*)?(.*)$/.exec(content) ?? [];
    const [uri, suite, ...components] = rest.split(/\s+/);
    if (type === undefined || !uri || !suite) problems.push({ line, message: 'the line is no source of apt' });
    else if (type === 'deb') sources.push({ uri, suite, components, line });
  }
  return { sources, problems };
}

/** *.sources in deb822 form: stanzas with Types, URIs, Suites, Components and Enabled (ParseFileDeb822 of apt). */
export function parseAptStanzas(text: string): AptSources {
  const sources: AptSource[] = [];
  const problems: Problem[] = [];
  let fields = new Map<string, { words: string[]; readonly line: number }>();
  let current: { words: string[] } | undefined;
  const close = () => {
    const words = (name: string) => fields.get(name)?.words ?? [];
    const enabled = words('enabled')[0]?.toLowerCase() ?? 'yes';
    if (words('types').includes('deb') && !['no', 'false', 'without', 'off', 'disable', '0'].includes(enabled)) {
      const line = fields.get('uris')?.line ?? 1;
      const components = words('components');
      for (const uri of words('uris'))
        for (const suite of words('suites')) sources.push({ uri, suite, components, line });
    }
    fields = new Map();
    current = undefined;
  };
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('#')) continue;
    const [, name, value] = /^([^\s:]+)\s*:(.*)$/.exec(raw) ?? [];
    if (raw.trim() === '') close();
    else if (/^\s/.test(raw)) current?.words.push(...wordsOf(raw));
    else if (name !== undefined && value !== undefined) {
      const field = { words: wordsOf(value), line: index + 1 };
      fields.set(name.toLowerCase(), field);
      current = field;
    } else problems.push({ line: index + 1, message: 'the line is no field' });
  }
  close();
  return { sources, problems };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
