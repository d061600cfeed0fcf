import { ipv4Contains } from './ipv4.ts';

/** What a rule of a packet filter asks about a packet; several must all hold. */
export type FilterCondition = { readonly negated: boolean } & (
  | { readonly kind: 'destination'; readonly networks: readonly string[] }
  | { readonly kind: 'protocol'; readonly names: readonly string[] }
  /** Ports and ranges, `80` or `1024:65535`. */
  | { readonly kind: 'port'; readonly ports: readonly string[] }
  /** Numbers or names of the user that sends. */
  | { readonly kind: 'user'; readonly users: readonly string[] }
  | { readonly kind: 'state'; readonly states: readonly string[] }
  | { readonly kind: 'out'; readonly interfaces: readonly string[] }
  /** Holds for no packet that a program of this machine sends by IPv4. */
  | { readonly kind: 'never' }
  /** Something that a file does not show. */
  | { readonly kind: 'unknown' }
);

export interface FilterRule {
  readonly conditions: readonly FilterCondition[];
  readonly verdict: 'accept' | 'drop' | 'return' | 'none' | { readonly chain: string };
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface FilterChain {
  readonly rules: readonly FilterRule[];
  /** Of a chain that the kernel calls, what happens to packets that no rule takes. */
  readonly policy?: { readonly verdict: 'accept' | 'drop'; readonly line: number; readonly text: string };
}

/** Chains of one table by name. */
export type FilterTable = ReadonlyMap<string, FilterChain>;

/** A new TCP connection that a program of root opens through the first network interface. */
export interface OutgoingConnection {
  readonly address: string;
  readonly port: number;
}

/** What drops a connection. */
export interface Blocking {
  readonly by: 'rule' | 'policy';
  readonly line: number;
  readonly text: string;
}

type Answer = 'yes' | 'no' | 'maybe';
type Outcome =
  | { readonly verdict: 'accepted' | 'undecided' | 'passed' }
  | { readonly verdict: 'dropped'; readonly by: Blocking };

/**
 * What a chain does to a connection. Where the file does not show whether a rule applies, a rule that drops is taken not
 * to and one that accepts is taken to, so that only certain losses are named.
 */
export function blockingOf(table: FilterTable, chain: string, connection: OutgoingConnection): Blocking | undefined {
  const outcome = traverse(table, chain, connection, { known: new Map(), depth: 0 });
  if (outcome.verdict === 'dropped') return outcome.by;
  const policy = table.get(chain)?.policy;
  if (outcome.verdict !== 'passed' || policy?.verdict !== 'drop') return undefined;
  return { by: 'policy', line: policy.line, text: policy.text };
}

/** Chains that call each other in a row; the kernel refuses more than 16. */
const deepest = 32;

interface Course {
  readonly known: Map<string, Outcome>;
  readonly depth: number;
}

/** What each chain does is found once; one that calls itself, which the kernel refuses, does nothing the second time. */
function traverse(table: FilterTable, chain: string, connection: OutgoingConnection, course: Course): Outcome {
  const { known, depth } = course;
  const before = known.get(chain);
  if (before) return before;
  if (depth > deepest) return { verdict: 'passed' };
  known.set(chain, { verdict: 'passed' });
  const outcome = outcomeOf(table, chain, connection, { known, depth: depth + 1 });
  known.set(chain, outcome);
  return outcome;
}

function outcomeOf(table: FilterTable, chain: string, connection: OutgoingConnection, course: Course): Outcome {
  for (const { conditions, verdict, line, text } of table.get(chain)?.rules ?? []) {
    const applies = allOf(conditions.map((condition) => answer(condition, connection)));
    if (applies === 'no' || verdict === 'none') continue;
    if (verdict === 'drop') {
      if (applies === 'yes') return { verdict: 'dropped', by: { by: 'rule', line, text } };
    } else if (verdict === 'accept') return { verdict: applies === 'yes' ? 'accepted' : 'undecided' };
    else if (verdict === 'return') return { verdict: applies === 'yes' ? 'passed' : 'undecided' };
    else {
      const called = traverse(table, verdict.chain, connection, course);
      if (called.verdict === 'accepted') return { verdict: applies === 'yes' ? 'accepted' : 'undecided' };
      if (called.verdict === 'undecided' || (called.verdict === 'dropped' && applies === 'yes')) return called;
    }
  }
  return { verdict: 'passed' };
}

function allOf(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('maybe') ? 'maybe' : 'no';
}

function answer(condition: FilterCondition, connection: OutgoingConnection): Answer {
  const plain = plainAnswer(condition, connection);
  if (!condition.negated || plain === 'maybe') return plain;
  return plain === 'yes' ? 'no' : 'yes';
}

function plainAnswer(condition: FilterCondition, { address, port }: OutgoingConnection): Answer {
  const one = (holds: boolean | undefined): Answer => (holds === undefined ? 'maybe' : holds ? 'yes' : 'no');
  switch (condition.kind) {
    case 'destination':
      return anyOf(condition.networks.map((network) => one(ipv4Contains(network, address))));
    case 'protocol':
      return anyOf(condition.names.map((name) => one(['tcp', '6', 'all', '0'].includes(name.toLowerCase()))));
    case 'port':
      return anyOf(condition.ports.map((range) => one(portWithin(range, port))));
    case 'user':
      return anyOf(condition.users.map((user) => one(user === 'root' || numberWithin(user, 0) === true)));
    case 'state':
      return anyOf(condition.states.map((state) => one(state.toLowerCase() === 'new')));
    case 'out':
      return anyOf(
        condition.interfaces.map((name) => (name === 'lo' ? 'no' : /^eth[0+*]|^\+$/.test(name) ? 'yes' : 'maybe')),
      );
    case 'never':
      return 'no';
    case 'unknown':
      return 'maybe';
  }
}

const portNames = new Map([
  ['http', 80],
  ['https', 443],
  ['ssh', 22],
  ['domain', 53],
  ['ntp', 123],
]);

function portWithin(range: string, port: number): boolean | undefined {
  const known = portNames.get(range);
  return known === undefined ? numberWithin(range, port) : known === port;
}

function numberWithin(range: string, wanted: number): boolean | undefined {
  const match = /^(\d*)(?:[:-](\d*))?$/.exec(range);
  if (!match || range === '') return undefined;
  const first = Number(match[1] || 0);
  const last = match[2] === undefined ? first : Number(match[2] || Number.POSITIVE_INFINITY);
  return first <= wanted && wanted <= last;
}
