import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { ScannedDisk } from '../image/mount-plan.ts';
import type { RootFs } from '../image/root-fs.ts';
import type { Fact, FactContext } from './define.ts';
import type { Host } from './host.ts';

/** One image under scan: its root and the facts established so far. */
export class Scan implements FactContext {
  readonly rootFs: RootFs;
  readonly disk: ScannedDisk | undefined;
  readonly fileName: string | undefined;
  readonly host: Host;
  readonly #facts = new Map<string, Promise<unknown>>();

  constructor(rootFs: RootFs, host: Host, disk?: ScannedDisk, fileName?: string) {
    this.rootFs = rootFs;
    this.disk = disk;
    this.fileName = disk && fileName;
    this.host = host;
  }

  /** A property and not a method, so that a fact may take it out of its context. */
  readonly get = <T>(fact: Fact<T>): Promise<T> => {
    // By id, as a plugin brings its own copies of the facts along; an id belongs to one fact, so the type is its own.
    const known = this.#facts.get(fact.id);
    if (known) return known as Promise<T>;
    const computed = (async () => fact.compute(this))();
    this.#facts.set(fact.id, computed);
    return computed;
  };

  /** As `get`, with inability as a value. */
  async attempt<T>(fact: Fact<T>): Promise<T | CouldNotRead> {
    try {
      return await this.get(fact);
    } catch (error) {
      if (isCouldNotRead(error)) return error;
      throw error;
    }
  }
}
