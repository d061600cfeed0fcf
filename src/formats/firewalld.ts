import { parseIptablesRule } from './iptables-save.ts';
import type { FilterChain, FilterCondition, FilterRule, FilterTable } from './packet-filter.ts';

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Text up to the next element. */
  readonly text: string;
  readonly line: number;
}

/**
 * Rules of /etc/firewalld/direct.xml for IPv4, which firewalld hands to iptables: `<rule>` elements by priority, then
 * `<passthrough>`. Tables by name, as in `parseIptablesSave`.
 */
export function parseFirewalldDirect(text: string): ReadonlyMap<string, FilterTable> {
  const all = elements(text).filter(({ attributes }) => attributes.get('ipv') === 'ipv4');
  const byPriority = all
    .filter(({ name }) => name === 'rule')
    .toSorted((a, b) => Number(a.attributes.get('priority') ?? 0) - Number(b.attributes.get('priority') ?? 0));
  const tables = new Map<string, Map<string, { rules: FilterRule[] }>>();
  for (const { name, attributes, text: content, line } of [
    ...byPriority,
    ...all.filter((one) => one.name === 'passthrough'),
  ]) {
    const args = decode(content).trim();
    const tableName = name === 'rule' ? attributes.get('table') : /(?:^|\s)(?:-t|--table)\s+(\S+)/.exec(args)?.[1];
    const rule = parseIptablesRule(args.replace(/(?:^|\s)(?:-t|--table)\s+\S+/, ' ').trim(), attributes.get('chain'));
    if (!rule) continue;
    const table = tables.get(tableName ?? 'filter') ?? new Map<string, { rules: FilterRule[] }>();
    tables.set(tableName ?? 'filter', table);
    const chain = table.get(rule.chain) ?? { rules: [] };
    table.set(rule.chain, chain);
    const placed = { conditions: rule.conditions, verdict: rule.verdict, line, text: args };
    if (rule.isFirst) chain.rules.unshift(placed);
    else chain.rules.push(placed);
  }
  return tables;
}

/**
 * A policy of /etc/firewalld/policies as a chain, when it is about what the machine itself sends (`<ingress-zone
 * name="HOST"/>`); undefined otherwise. Services are not looked up.
 */
export function parseFirewalldPolicy(text: string): FilterChain | undefined {
  const all = elements(text);
  const isForHost = all.some(({ name, attributes }) => name === 'ingress-zone' && attributes.get('name') === 'HOST');
  const policy = all.find(({ name }) => name === 'policy');
  if (!isForHost || !policy) return undefined;
  const rules: FilterRule[] = [];
  let open: { conditions: FilterCondition[]; verdict: FilterRule['verdict']; line: number } | undefined;
  const close = () => {
    if (open) rules.push({ ...open, text: 'rule' });
    open = undefined;
  };
  for (const { name, attributes, line } of all) {
    if (name === 'rule') {
      close();
      open = {
        conditions: attributes.get('family') === 'ipv6' ? [{ kind: 'never', negated: false }] : [],
        verdict: 'none',
        line,
      };
    } else if (name === '/rule') close();
    else if (name === 'port') {
      const conditions = portConditions(attributes);
      if (open) open.conditions.push(...conditions);
      else rules.push({ conditions, verdict: 'accept', line, text: `port ${attributes.get('port') ?? ''}` });
    } else if (name === 'service' && !open) {
      rules.push({ conditions: [{ kind: 'unknown', negated: false }], verdict: 'accept', line, text: 'service' });
    } else if (open && name === 'destination') {
      const negated = /^(?:yes|true|1)$/i.test(attributes.get('invert') ?? '');
      open.conditions.push({ kind: 'destination', networks: [attributes.get('address') ?? '?'], negated });
    } else if (open && (name === 'accept' || name === 'drop' || name === 'reject')) open.verdict = name;
    else if (open && /^(?:source|service|protocol|mark)$/.test(name))
      open.conditions.push({ kind: 'unknown', negated: false });
  }
  close();
  const target = policy.attributes.get('target')?.toUpperCase();
  const verdict = target === 'DROP' ? 'drop' : target === 'REJECT' ? 'reject' : 'accept';
  return { rules, policy: { verdict, line: policy.line, text: `target="${target ?? ''}"` } };
}

function portConditions(attributes: ReadonlyMap<string, string>): FilterCondition[] {
  return [
    { kind: 'protocol', names: [attributes.get('protocol') ?? 'tcp'], negated: false },
    { kind: 'port', ports: [attributes.get('port') ?? ''], negated: false },
  ];
}

/** Tags in order, closing ones with their slash; comments are left out. */
function elements(text: string): readonly Element[] {
  const plain = text.replace(/<!--[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, ' '));
  let line = 1;
  let counted = 0;
  return [...plain.matchAll(/<(\/?[A-Za-z][\w:-]*)([^<>]*)>([^<]*)/g)].map((match): Element => {
    for (; counted < match.index; counted++) if (plain[counted] === '\n') line++;
    const [, name = '', inside = '', content = ''] = match;
    const attributes = [...inside.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
      ([, key = '', double, single]): [string, string] => [key, decode(double ?? single ?? '')],
    );
    return { name, attributes: new Map(attributes), text: content, line };
  });
}

function decode(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_whole, name: string) => entities[name] ?? '');
}
