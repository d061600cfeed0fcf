import type { Fact, FactContext, Rule } from '../src/engine/define.ts';
import type { Intent, Outcome } from '../src/engine/model.ts';
import { type RunOptions, type RunOutcome, runRules } from '../src/engine/run.ts';
import { Scan } from '../src/engine/scan.ts';
import { architecture } from '../src/facts/architecture.ts';
import { family } from '../src/facts/family.ts';
import type { FileTree } from '../src/files/file-tree.ts';
import type { MemoryNode, MemoryTree } from '../src/image/memory.ts';
import type { ScannedDisk } from '../src/image/mount-plan.ts';
import type { RootFs } from '../src/image/root-fs.ts';
import { TreeRootFs } from '../src/image/tree-root-fs.ts';
import { testHost } from '../src/testing/image.ts';
import { filesOnly, withDisk } from '../src/testing/rule-cases.ts';

export interface KnownDisk {
  readonly scanned: ScannedDisk;
  readonly fileName: string;
}

/** What one fact asked of an image. */
interface Trace {
  readonly contentOf: Set<MemoryNode>;
  /** Status, or mention in a listing. */
  readonly looksAt: Set<MemoryNode>;
  readonly uses: Set<Fact<unknown>>;
}

/** A scan that remembers which facts looked at which file. Each has a root of its own, since a root remembers answers. */
class TracingScan extends Scan {
  readonly traces = new Map<Fact<unknown>, Trace>();
  readonly #values = new Map<Fact<unknown>, Promise<unknown>>();
  readonly #tree: MemoryTree;

  constructor(tree: MemoryTree, disk: KnownDisk | undefined) {
    super(new TreeRootFs(tree), testHost, disk?.scanned, disk?.fileName);
    this.#tree = tree;
  }

  override readonly get = <T>(fact: Fact<T>): Promise<T> => {
    const known = this.#values.get(fact);
    // Keyed by the fact itself, as in Scan.
    if (known) return known as Promise<T>;
    const trace: Trace = { contentOf: new Set(), looksAt: new Set(), uses: new Set() };
    this.traces.set(fact, trace);
    const context: FactContext = {
      rootFs: new TreeRootFs(traced(this.#tree, trace)),
      disk: this.disk,
      fileName: this.fileName,
      host: testHost,
      get: (other) => {
        trace.uses.add(other);
        return this.get(other);
      },
    };
    const value = (async () => fact.compute(context))();
    this.#values.set(fact, value);
    return value;
  };
}

function traced(tree: MemoryTree, { contentOf, looksAt }: Trace): FileTree<MemoryNode> {
  return {
    root: tree.root,
    ownersRecorded: tree.ownersRecorded,
    status(node) {
      looksAt.add(node);
      return tree.status(node);
    },
    lookup: (directory, name) => tree.lookup(directory, name),
    list(directory) {
      for (const child of directory.children?.values() ?? []) looksAt.add(child);
      return tree.list(directory);
    },
    readLink: (node) => tree.readLink(node),
    read(node, offset, length) {
      contentOf.add(node);
      return tree.read(node, offset, length);
    },
  };
}

/** A scan that takes from an earlier one the facts that a change of the image cannot have touched. */
class RepeatedScan extends Scan {
  readonly #values = new Map<Fact<unknown>, Promise<unknown>>();
  readonly #before: TracingScan;
  readonly #stale: ReadonlySet<Fact<unknown>>;

  constructor(rootFs: RootFs, before: TracingScan, stale: ReadonlySet<Fact<unknown>>) {
    super(rootFs, testHost, before.disk, before.fileName);
    this.#before = before;
    this.#stale = stale;
  }

  override readonly get = <T>(fact: Fact<T>): Promise<T> => {
    if (this.#before.traces.has(fact) && !this.#stale.has(fact)) return this.#before.get(fact);
    const known = this.#values.get(fact);
    if (known) return known as Promise<T>;
    const value = (async () => fact.compute(this))();
    this.#values.set(fact, value);
    return value;
  };
}

/** An image judged once, which can be judged again with one file replaced at little cost. */
export class RepeatedRun {
  readonly #tree: MemoryTree;
  readonly #scan: TracingScan;
  readonly #rules: readonly Rule[];
  readonly #options: RunOptions;
  readonly #usersOf = new Map<Fact<unknown>, Fact<unknown>[]>();
  readonly #outcomes = new Map<string, Outcome>();

  private constructor(tree: MemoryTree, rules: readonly Rule[], options: RunOptions, disk: KnownDisk | undefined) {
    this.#tree = tree;
    this.#scan = new TracingScan(tree, disk);
    this.#rules = rules;
    this.#options = options;
  }

  static async of(tree: MemoryTree, rules: readonly Rule[], intent: Intent, disk?: KnownDisk): Promise<RepeatedRun> {
    const offers = new Set(disk ? withDisk : filesOnly);
    const run = new RepeatedRun(tree, rules, { intent, offers, applicability: { family, architecture } }, disk);
    const { results, internalErrors } = await runRules(run.#scan, rules, run.#options);
    for (const { ruleId, message } of internalErrors) throw new Error(`${ruleId}: ${message}`);
    for (const { ruleId, outcome } of results) run.#outcomes.set(ruleId, outcome);
    for (const [user, { uses }] of run.#scan.traces) {
      for (const used of uses) run.#usersOf.set(used, [...(run.#usersOf.get(used) ?? []), user]);
    }
    return run;
  }

  /** How the rule judged the image as it was. */
  before(ruleId: string): Outcome | undefined {
    return this.#outcomes.get(ruleId);
  }

  /** Rules whose facts read the content of a file. */
  readersOf(path: string): readonly Rule[] {
    const { node } = this.#placeOf(path);
    return this.#rulesUsing(this.#upwards(({ contentOf }) => contentOf.has(node)));
  }

  /** False also for a path that leads nowhere, such as one below a link that dangles. */
  isLookedAt(path: string): boolean {
    if (new TreeRootFs(this.#tree).realPath(path) === undefined) return false;
    const { node } = this.#placeOf(path);
    return [...this.#scan.traces.values()].some(({ contentOf, looksAt }) => contentOf.has(node) || looksAt.has(node));
  }

  /** Judges again by all rules whose facts looked at the file in any way. */
  async with(path: string, replace: (node: MemoryNode) => MemoryNode): Promise<RunOutcome> {
    const { siblings, name, node } = this.#placeOf(path);
    const stale = this.#upwards(({ contentOf, looksAt }) => contentOf.has(node) || looksAt.has(node));
    siblings.set(name, replace(node));
    try {
      const scan = new RepeatedScan(new TreeRootFs(this.#tree), this.#scan, stale);
      return await runRules(scan, this.#rulesUsing(stale), this.#options);
    } finally {
      siblings.set(name, node);
    }
  }

  /** Facts of which this holds, and all that use them. */
  #upwards(holds: (trace: Trace) => boolean): ReadonlySet<Fact<unknown>> {
    const found = new Set([...this.#scan.traces].flatMap(([fact, trace]) => (holds(trace) ? [fact] : [])));
    for (const fact of found) for (const user of this.#usersOf.get(fact) ?? []) found.add(user);
    return found;
  }

  #rulesUsing(facts: ReadonlySet<Fact<unknown>>): readonly Rule[] {
    const { family, architecture } = this.#options.applicability;
    return this.#rules.filter(
      ({ facts: own, appliesTo }) =>
        Object.values(own).some((fact) => facts.has(fact)) ||
        (appliesTo.families && facts.has(family)) ||
        (appliesTo.architectures && facts.has(architecture)),
    );
  }

  /** A path may lead through links: /lib/systemd to /usr/lib/systemd. */
  #placeOf(path: string): {
    readonly siblings: Map<string, MemoryNode>;
    readonly name: string;
    readonly node: MemoryNode;
  } {
    const names = (new TreeRootFs(this.#tree).realPath(path) ?? path).split('/').slice(1);
    const name = names.pop() ?? '';
    let folder: MemoryNode | undefined = this.#tree.root;
    for (const step of names) folder = folder?.children?.get(step);
    const node = folder?.children?.get(name);
    if (!folder?.children || !node) throw new Error(`${path} is not in the image`);
    return { siblings: folder.children, name, node };
  }
}
