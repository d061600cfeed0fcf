import type { FilterCondition, FilterRule } from './packet-filter.ts';

type Build = (values: readonly string[]) => FilterCondition;

const tcp: FilterCondition = { kind: 'protocol', names: ['tcp'], negated: false };
const udp: FilterCondition = { kind: 'protocol', names: ['udp'], negated: false };
const port: Build = (ports) => ({ kind: 'port', ports, negated: false });
const protocol: Build = (names) => ({ kind: 'protocol', names, negated: false });
const never: Build = () => ({ kind: 'never', negated: false });
const through =
  (kind: 'in' | 'out'): Build =>
  (interfaces) => ({
    kind,
    interfaces: interfaces.map((name) => name.replace(/\*$/, '+')),
    negated: false,
  });

const [into, out] = [through('in'), through('out')];

/** What a pair of words, or one word, asks; the value follows. */
const asked = new Map<string, { readonly build: Build; readonly besides?: FilterCondition }>(
  Object.entries({
    'ip daddr': { build: (networks) => ({ kind: 'destination', networks, negated: false }) },
    'ip saddr': { build: (networks) => ({ kind: 'source', networks, negated: false }) },
    'ip protocol': { build: protocol },
    'icmp type': { build: never },
    'icmpv6 type': { build: never },
    'meta l4proto': { build: protocol },
    'tcp dport': { build: port, besides: tcp },
    'udp dport': { build: port, besides: udp },
    'th dport': { build: port },
    'ct state': { build: (states) => ({ kind: 'state', states, negated: false }) },
    'meta skuid': { build: (users) => ({ kind: 'user', users, negated: false }) },
    skuid: { build: (users) => ({ kind: 'user', users, negated: false }) },
    'meta oifname': { build: out },
    'meta oif': { build: out },
    oifname: { build: out },
    oif: { build: out },
    'meta iifname': { build: into },
    'meta iif': { build: into },
    iifname: { build: into },
    iif: { build: into },
    'meta nfproto': {
      build: (names) =>
        names.includes('ipv4') ? { kind: 'unknown', negated: false } : { kind: 'never', negated: false },
    },
    'ip6 daddr': { build: never },
    'ip6 saddr': { build: never },
    'ip6 nexthdr': { build: never },
  }),
);

/** Words that change neither which packets match nor their fate, with the words that belong to them. */
const neutral =
  /^(?:counter|packets|bytes|log|flags|all|with|icmpx?|icmpv6|type|tcp|reset|port-unreachable|admin-prohibited|host-unreachable|no-route|\d+)$/;

const verdicts = new Map<string, FilterRule['verdict']>(
  Object.entries({
    accept: 'accept',
    drop: 'drop',
    reject: 'reject',
    return: 'return',
  } as const),
);

/** One rule of nft(8). What is not understood is a condition that may or may not hold. */
export function nftRule(words: readonly string[]): Pick<FilterRule, 'conditions' | 'verdict'> {
  // A new connection goes on where a map of states does not name it.
  if (words.includes('vmap') && /^ct state /.test(words.join(' ')) && !words.some((word) => /^new\b/.test(word))) {
    return { conditions: [], verdict: 'none' };
  }
  const conditions: FilterCondition[] = [];
  let verdict: FilterRule['verdict'] = 'none';
  let at = 0;
  while (at < words.length) {
    const [word = '', next = ''] = words.slice(at, at + 2);
    const pair = asked.get(`${word} ${next}`);
    const question = pair ?? asked.get(word);
    const fate = verdicts.get(word);
    if (question && verdict === 'none') {
      const value = readValue(words, at + (pair ? 2 : 1));
      at = value.end;
      if (question.besides) conditions.push(question.besides);
      conditions.push(value.isKnown ? { ...question.build(value.items), negated: value.negated } : unknown);
    } else if (fate !== undefined) {
      verdict = fate;
      at++;
    } else if (word === 'jump' || word === 'goto') {
      verdict = { chain: next };
      at += 2;
    } else if (['prefix', 'comment', 'level', 'group', 'snaplen'].includes(word)) at += 2;
    else {
      // Behind a verdict only its kind and comments follow.
      if (verdict === 'none' && !neutral.test(word)) conditions.push(unknown);
      at++;
    }
  }
  return { conditions, verdict };
}

const unknown: FilterCondition = { kind: 'unknown', negated: false };

/** `[==|!=] value`, `value,value` or `{ value, value }`; a named set or a map is not known. */
function readValue(
  words: readonly string[],
  start: number,
): { readonly items: readonly string[]; readonly negated: boolean; readonly isKnown: boolean; readonly end: number } {
  const hasOperator = words[start] === '!=' || words[start] === '==';
  const negated = words[start] === '!=';
  let at = hasOperator ? start + 1 : start;
  const items: string[] = [];
  if (words[at] === '{') {
    const close = words.indexOf('}', at);
    const end = close < 0 ? words.length : close;
    items.push(...words.slice(at + 1, end).filter((word) => word !== ','));
    at = end + 1;
  } else {
    items.push(words[at] ?? '');
    at++;
    while (words[at] === ',') {
      items.push(words[at + 1] ?? '');
      at += 2;
    }
  }
  const isKnown = items.every((item) => !/^[@$]|^(?:vmap|map)$/.test(item)) && !items.includes(':');
  return { items, negated, isKnown, end: at };
}
