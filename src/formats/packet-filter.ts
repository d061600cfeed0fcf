import { ipv4Contains } from './ipv4.ts';

/** What a rule of a packet filter asks about a packet; several must all hold. */
export type FilterCondition = { readonly negated: boolean } & (
  | { readonly kind: 'destination'; readonly networks: readonly string[] }
  | { readonly kind: 'source'; readonly networks: readonly string[] }
  /** Kinds of address as the kernel routes them: `LOCAL`, `BROADCAST`. */
  | { readonly kind: 'destination-type'; readonly types: readonly string[] }
  | { readonly kind: 'protocol'; readonly names: readonly string[] }
  /** Ports and ranges, `80` or `1024:65535`. */
  | { readonly kind: 'port'; readonly ports: readonly string[] }
  /** Numbers or names of the user that sends. */
  | { readonly kind: 'user'; readonly users: readonly string[] }
  | { readonly kind: 'state'; readonly states: readonly string[] }
  | { readonly kind: 'in' | 'out'; readonly interfaces: readonly string[] }
  /** Holds for no packet of TCP by IPv4. */
  | { readonly kind: 'never' }
  /** Something that a file does not show. */
  | { readonly kind: 'unknown' }
);

export interface FilterRule {
  readonly conditions: readonly FilterCondition[];
  readonly verdict: 'accept' | 'drop' | 'reject' | 'return' | 'none' | { readonly chain: string };
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface FilterChain {
  readonly rules: readonly FilterRule[];
  /** Of a chain that the kernel calls, what happens to packets that no rule takes. */
  readonly policy?: { readonly verdict: 'accept' | 'drop' | 'reject'; readonly line: number; readonly text: string };
}

/** Chains of one table by name. */
export type FilterTable = ReadonlyMap<string, FilterChain>;

/**
 * A new TCP connection through the first network interface, by IPv4: one that root of this machine opens, or one that
 * somebody on the internet opens to it.
 */
export type Connection =
  | { readonly direction: 'out'; readonly address: string; readonly port: number }
  | { readonly direction: 'in'; readonly port: number };

/** What becomes of a connection, and the line that decides; without one nothing is said against it. */
export interface Fate {
  /** `undecided`: a rule that lets it through may apply or not, which files do not show. */
  readonly verdict: 'accept' | 'drop' | 'reject' | 'undecided';
  readonly decided?: { readonly by: 'rule' | 'policy'; readonly line: number; readonly text: string };
}

/**
 * What a chain that the kernel calls does to a connection. Where the file does not show whether a rule applies, a rule
 * that drops is taken not to, so that only certain losses are named.
 */
export function fateOf(table: FilterTable, chain: string, connection: Connection): Fate {
  const fate = traverse(table, chain, connection, { known: new Map(), depth: 0 });
  if (fate) return fate;
  const policy = table.get(chain)?.policy;
  if (!policy) return { verdict: 'accept' };
  return { verdict: policy.verdict, decided: { by: 'policy', line: policy.line, text: policy.text } };
}

/** Chains that call each other in a row; the kernel refuses more than 16. */
const deepest = 32;

type Answer = 'yes' | 'no' | 'maybe';

interface Course {
  readonly known: Map<string, Fate | undefined>;
  readonly depth: number;
}

/**
 * Undefined where the chain lets the packet go on. What each chain does is found once; one that calls itself, which the
 * kernel refuses, does nothing the second time.
 */
function traverse(table: FilterTable, chain: string, connection: Connection, course: Course): Fate | undefined {
  const { known, depth } = course;
  if (known.has(chain) || depth > deepest) return known.get(chain);
  known.set(chain, undefined);
  const fate = fateIn(table, chain, connection, { known, depth: depth + 1 });
  known.set(chain, fate);
  return fate;
}

function fateIn(table: FilterTable, chain: string, connection: Connection, course: Course): Fate | undefined {
  for (const { conditions, verdict, line, text } of table.get(chain)?.rules ?? []) {
    const applies = allOf(conditions.map((condition) => answer(condition, connection)));
    if (applies === 'no' || verdict === 'none') continue;
    const decided = { by: 'rule', line, text } as const;
    const own = typeof verdict === 'object' ? traverse(table, verdict.chain, connection, course) : { verdict, decided };
    if (own === undefined) continue;
    if (applies === 'yes') return own.verdict === 'return' ? undefined : { ...own, verdict: own.verdict };
    // What may be skipped: a loss is then not certain, and neither is that the connection gets through.
    if (own.verdict !== 'drop' && own.verdict !== 'reject') return { verdict: 'undecided', decided };
  }
  return undefined;
}

function allOf(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('maybe') ? 'maybe' : 'no';
}

function answer(condition: FilterCondition, connection: Connection): Answer {
  const plain = plainAnswer(condition, connection);
  if (!condition.negated || plain === 'maybe') return plain;
  return plain === 'yes' ? 'no' : 'yes';
}

const one = (holds: boolean | undefined): Answer => (holds === undefined ? 'maybe' : holds ? 'yes' : 'no');

function plainAnswer(condition: FilterCondition, connection: Connection): Answer {
  switch (condition.kind) {
    case 'destination':
      return anyOf(condition.networks.map((network) => isDestination(network, connection)));
    case 'source':
      return anyOf(condition.networks.map((network) => isSource(network, connection)));
    case 'destination-type':
      return one(connection.direction === 'in' && condition.types.some((type) => type.toUpperCase() === 'LOCAL'));
    case 'protocol':
      return anyOf(condition.names.map((name) => one(['tcp', '6', 'all', '0'].includes(name.toLowerCase()))));
    case 'port':
      return anyOf(condition.ports.map((range) => one(portWithin(range, connection.port))));
    case 'user':
      // Only what this machine sends has a user.
      if (connection.direction === 'in') return 'no';
      return anyOf(condition.users.map((user) => one(user === 'root' || numberWithin(user, 0) === true)));
    case 'state':
      return anyOf(condition.states.map((state) => one(state.toLowerCase() === 'new')));
    case 'in':
    case 'out':
      return condition.kind === connection.direction ? anyOf(condition.interfaces.map(isFirstInterface)) : 'no';
    case 'never':
      return 'no';
    case 'unknown':
      return 'maybe';
  }
}

const everywhere = /^(?:0\.0\.0\.0|0)\/0(?:\.0\.0\.0)?$/;

/** The machine's own address is not in the image. */
function isDestination(network: string, connection: Connection): Answer {
  if (connection.direction === 'out') return one(ipv4Contains(network, connection.address));
  return everywhere.test(network) ? 'yes' : 'maybe';
}

/** Somebody on the internet is in none of the networks that a rule would name. */
function isSource(network: string, { direction }: Connection): Answer {
  if (everywhere.test(network)) return 'yes';
  return direction === 'in' ? 'no' : 'maybe';
}

function isFirstInterface(name: string): Answer {
  if (name === 'lo') return 'no';
  return /^eth[0+*]|^\+$/.test(name) ? 'yes' : 'maybe';
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
