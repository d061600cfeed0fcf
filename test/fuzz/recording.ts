import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import type { DirectoryEntry, FileStatus, RootFs, WalkEntry, WalkOptions } from '../../src/image/root-fs.ts';

/** How a look at a path ended; the worst of several. */
export type Look = 'found' | 'absent' | 'unreadable';

const order: readonly Look[] = ['found', 'absent', 'unreadable'];

/** A root that notes which paths it was asked for, and what came of it. */
export class RecordingRootFs implements RootFs {
  readonly looks = new Map<string, Look>();
  readonly #rootFs: RootFs;
  readonly #hidden: string | undefined;

  /** @param hidden A path that shall be absent, with all below it. */
  constructor(rootFs: RootFs, hidden?: string) {
    this.#rootFs = rootFs;
    this.#hidden = hidden;
  }

  get ownersRecorded(): boolean {
    return this.#rootFs.ownersRecorded;
  }

  get usage(): RootFs['usage'] {
    return this.#rootFs.usage;
  }

  stat(path: string): FileStatus | undefined {
    return this.#note(path, () => this.#rootFs.stat(path));
  }

  lstat(path: string): FileStatus | undefined {
    return this.#note(path, () => this.#rootFs.lstat(path));
  }

  readDir(path: string): readonly DirectoryEntry[] | undefined {
    const isShown = ({ name }: DirectoryEntry) => `${path === '/' ? '' : path}/${name}` !== this.#hidden;
    return this.#note(path, () => this.#rootFs.readDir(path)?.filter(isShown));
  }

  readLink(path: string): string | undefined {
    return this.#note(path, () => this.#rootFs.readLink(path));
  }

  realPath(path: string): string | undefined {
    return this.#note(path, () => this.#rootFs.realPath(path));
  }

  readText(path: string): string | undefined {
    return this.#note(path, () => this.#rootFs.readText(path));
  }

  readBytes(path: string, offset?: number, length?: number): Uint8Array | undefined {
    return this.#note(path, () => this.#rootFs.readBytes(path, offset, length));
  }

  *walk(path: string, options?: WalkOptions): Generator<WalkEntry> {
    const entries = this.#rootFs.walk(path, options)[Symbol.iterator]();
    for (;;) {
      const next = this.#note(path, () => entries.next());
      if (next?.done !== false) return;
      yield next.value;
    }
  }

  #note<T>(path: string, look: () => T | undefined): T | undefined {
    try {
      const isHidden = this.#hidden !== undefined && `${path}/`.startsWith(`${this.#hidden}/`);
      const value = isHidden ? undefined : look();
      this.#add(path, value === undefined ? 'absent' : 'found');
      return value;
    } catch (error) {
      if (isCouldNotRead(error)) this.#add(path, 'unreadable');
      throw error;
    }
  }

  #add(path: string, look: Look): void {
    const known = this.looks.get(path);
    if (known === undefined || order.indexOf(look) > order.indexOf(known)) this.looks.set(path, look);
  }
}
