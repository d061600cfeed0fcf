/** One `Scope::Name "value";` of apt's configuration. */
export interface AptSetting {
  /** Full name, scopes joined by `::`. */
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Settings of a file of apt.conf(5), nested scopes or written out, without lists (`Name::`) and directives; comments
 * begin with `//` or `#` or stand in `/* … *\/` (apt-pkg/contrib/configuration.cc `ReadConfigFile`).
 */
export function parseAptConf(text: string): readonly AptSetting[] {
  const settings: AptSetting[] = [];
  const scopes: string[] = [];
  let words: string[] = [];
  let line = 1;
  let begins = 1;
  for (const [token] of text.matchAll(/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|#[^\n]*|"[^"]*"?|[{};]|[^\s{};"]+|\s+/g)) {
    const isSpace = /^(?:\/\*|\/\/|#|\s)/.test(token);
    if (!isSpace && words.length === 0) begins = line;
    if (token === '{') {
      scopes.push(words[0] ?? '');
      words = [];
    } else if (token === '}') {
      scopes.pop();
      words = [];
    } else if (token === ';') {
      const [name, value] = words;
      if (name !== undefined && value !== undefined) {
        settings.push({ name: [...scopes, name].filter((part) => part !== '').join('::'), value, line: begins });
      }
      words = [];
    } else if (!isSpace) words.push(token.replace(/^"|"$/g, ''));
    line += token.split('\n').length - 1;
  }
  return settings;
}
