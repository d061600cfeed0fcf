import type { FilterChain, FilterCondition, FilterRule, FilterTable } from './packet-filter.ts';

/** Options that say nothing about which packets match, with the number of words that follow. */
const neutral = new Map([
  ['-m', 1],
  ['--match', 1],
  ['--comment', 1],
  ['--reject-with', 1],
  // A new connection begins with such a packet.
  ['--syn', 0],
  ['-c', 2],
  ['--set-counters', 2],
]);

const conditionOptions = new Map<string, (value: string) => FilterCondition>(
  Object.entries({
    '-d': (value) => ({ kind: 'destination', networks: value.split(','), negated: false }),
    '--dst-range': (value) => ({ kind: 'destination', networks: [value], negated: false }),
    '--dst-type': (value) => ({ kind: 'destination-type', types: value.split(','), negated: false }),
    '-s': (value) => ({ kind: 'source', networks: value.split(','), negated: false }),
    '--src-range': (value) => ({ kind: 'source', networks: [value], negated: false }),
    '-p': (value) => ({ kind: 'protocol', names: [value], negated: false }),
    '--dport': (value) => ({ kind: 'port', ports: [value], negated: false }),
    '--dports': (value) => ({ kind: 'port', ports: value.split(','), negated: false }),
    '--uid-owner': (value) => ({ kind: 'user', users: [value], negated: false }),
    '--ctstate': (value) => ({ kind: 'state', states: value.split(','), negated: false }),
    '-o': (value) => ({ kind: 'out', interfaces: [value], negated: false }),
    '-i': (value) => ({ kind: 'in', interfaces: [value], negated: false }),
  }),
);

const aliases = new Map<string, string>(
  Object.entries({
    '--destination': '-d',
    '--dst': '-d',
    '--source': '-s',
    '--src': '-s',
    '--protocol': '-p',
    '--proto': '-p',
    '--destination-port': '--dport',
    '--destination-ports': '--dports',
    '--state': '--ctstate',
    '--out-interface': '-o',
    '--in-interface': '-i',
    '--jump': '-j',
    '--goto': '-j',
    '-g': '-j',
    '--append': '-A',
    '--insert': '-I',
  }),
);

/** Verdicts; any other target is a chain, or does something to the packet and lets it go on. */
const verdicts = new Map<string, FilterRule['verdict']>(
  Object.entries({
    ACCEPT: 'accept',
    DROP: 'drop',
    REJECT: 'reject',
    RETURN: 'return',
    LOG: 'none',
  } as const),
);

interface Draft {
  readonly rules: FilterRule[];
  policy?: NonNullable<FilterChain['policy']>;
}

/** What a file for iptables-restore(8) loads. */
export interface IptablesSave {
  /** By name: `filter`, `mangle`. */
  readonly tables: ReadonlyMap<string, FilterTable>;
  /** Rules of all tables and chains. */
  readonly ruleCount: number;
}

/**
 * Reads `*table`, `:CHAIN POLICY [0:0]`, `-A CHAIN …` and `COMMIT` as iptables-restore.c does: a table counts when its
 * COMMIT is reached, and what stands outside of a table is an error.
 */
export function parseIptablesSave(text: string): IptablesSave {
  const tables = new Map<string, Map<string, Draft>>();
  let open: { readonly name: string; readonly chains: Map<string, Draft> } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/\r$/, '').trim();
    const [, started] = /^\*(\S+)/.exec(content) ?? [];
    const [, chain, policy] = /^:(\S+)\s+(\S+)/.exec(content) ?? [];
    if (!open) {
      if (started !== undefined) open = { name: started, chains: new Map() };
    } else if (content === 'COMMIT') {
      tables.set(open.name, open.chains);
      open = undefined;
    } else if (chain !== undefined) {
      const draft: Draft = { rules: [] };
      if (policy !== '-') draft.policy = { verdict: policy === 'ACCEPT' ? 'accept' : 'drop', line, text: content };
      open.chains.set(chain, draft);
    } else addRule(open.chains, parseIptablesRule(content), { line, text: content });
  }
  const chains = [...tables.values()].flatMap((table) => [...table.values()]);
  return { tables, ruleCount: chains.reduce((sum, { rules }) => sum + rules.length, 0) };
}

function addRule(
  table: Map<string, Draft>,
  parsed: IptablesRule | undefined,
  place: { readonly line: number; readonly text: string },
): void {
  if (!parsed) return;
  const draft = table.get(parsed.chain) ?? { rules: [] };
  table.set(parsed.chain, draft);
  const rule = { conditions: parsed.conditions, verdict: parsed.verdict, ...place };
  if (parsed.isFirst) draft.rules.unshift(rule);
  else draft.rules.push(rule);
}

export interface IptablesRule {
  readonly chain: string;
  /** `-I`: in front of the others. */
  readonly isFirst: boolean;
  readonly conditions: readonly FilterCondition[];
  readonly verdict: FilterRule['verdict'];
}

/** One rule, `-A OUTPUT -d 10.0.0.1 -j DROP`; without `-A` and `-I` it belongs to `chain`. */
export function parseIptablesRule(text: string, chain?: string): IptablesRule | undefined {
  if (text.startsWith('#')) return undefined;
  const words = [...text.replace(/^\[\d+:\d+\]\s*/, '').matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
  const conditions: FilterCondition[] = [];
  let own = chain;
  let isFirst = false;
  let verdict: FilterRule['verdict'] = 'none';
  let negated = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const option = aliases.get(word) ?? word;
    if (option === '!') {
      negated = true;
      continue;
    }
    const skipped = neutral.get(option);
    const build = conditionOptions.get(option);
    if (skipped !== undefined) at += skipped;
    else if (option === '-A' || option === '-I') {
      own = words[++at];
      isFirst = option === '-I';
    } else if (option === '-j') {
      const target = words[++at] ?? '';
      verdict = verdicts.get(target) ?? { chain: target };
    } else if (build) {
      // Old files write the negation behind the option.
      if (words[at + 1] === '!') {
        negated = true;
        at++;
      }
      conditions.push({ ...build(words[++at] ?? ''), negated });
    } else if (word.startsWith('-')) conditions.push({ kind: 'unknown', negated: false });
    negated = false;
  }
  return own === undefined ? undefined : { chain: own, isFirst, conditions, verdict };
}
