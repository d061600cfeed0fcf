import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import { CouldNotRead } from './could-not-read.ts';
import { limits } from './limits.ts';
import type { DirectoryEntry, FileStatus, FileType, RootFs, WalkEntry, WalkOptions } from './root-fs.ts';

/** A node reached by a path, with the path that reaches it without links. */
interface Place<Node> {
  readonly node: Node;
  readonly path: string;
  /** Once it was asked for: every step of every path asks whether it is a link. */
  status?: FileStatus;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const article: Readonly<Record<FileType, string>> = {
  file: 'a regular file',
  directory: 'a directory',
  symlink: 'a symbolic link',
  'block-device': 'a block device',
  'character-device': 'a character device',
  fifo: 'a FIFO',
  socket: 'a socket',
};

/** Caps that one reader may lift, for what is no scan. */
export interface TreeRootFsOptions {
  readonly bytesPerImage?: number;
}

/** The one implementation of path resolution, caps and accounting over any {@link FileTree}. */
export class TreeRootFs<Node> implements RootFs {
  readonly ownersRecorded: boolean;
  readonly #tree: FileTree<Node>;
  readonly #root: Place<Node>;
  readonly #missingVolumes: ReadonlyMap<string, string>;
  readonly #bytesPerImage: number;
  readonly #places = new Map<string, Place<Node> | undefined>();
  readonly #followed = new Map<string, Place<Node> | undefined>();
  readonly #unfollowed = new Map<string, Place<Node> | undefined>();
  readonly #listings = new Map<string, readonly DirectoryEntry[]>();
  readonly #links = new Map<string, string>();
  readonly #filesRead = new Set<string>();
  #bytesRead = 0;

  /**
   * @param missingVolumes Mount points whose volume is not part of the target, with the reason to give: what lies below
   *   them is unreadable, not absent.
   */
  constructor(
    tree: FileTree<Node>,
    missingVolumes: ReadonlyMap<string, string> = new Map(),
    { bytesPerImage = limits.bytesPerImage }: TreeRootFsOptions = {},
  ) {
    this.#tree = tree;
    this.#root = { node: tree.root, path: '/' };
    this.#missingVolumes = missingVolumes;
    this.#bytesPerImage = bytesPerImage;
    this.ownersRecorded = tree.ownersRecorded;
  }

  get usage(): { filesRead: number; bytesRead: number } {
    return { filesRead: this.#filesRead.size, bytesRead: this.#bytesRead };
  }

  stat(path: string): FileStatus | undefined {
    const place = this.#resolve(path, true);
    return place && this.#guardedStatus(path, place);
  }

  lstat(path: string): FileStatus | undefined {
    const place = this.#resolve(path, false);
    return place && this.#guardedStatus(path, place);
  }

  realPath(path: string): string | undefined {
    return this.#resolve(path, true)?.path;
  }

  readLink(path: string): string | undefined {
    const place = this.#resolve(path, false);
    if (!place) return undefined;
    if (this.#guardedStatus(path, place).type !== 'symlink') return undefined;
    return this.#guard(path, () => this.#target(place));
  }

  readDir(path: string): readonly DirectoryEntry[] | undefined {
    const place = this.#resolve(path, true);
    if (!place) return undefined;
    return this.#guard(path, () => {
      this.#expect(path, place, 'directory');
      return this.#entries(path, place);
    });
  }

  readText(path: string): string | undefined {
    const bytes = this.readBytes(path);
    return bytes && utf8.decode(bytes);
  }

  readBytes(path: string, offset = 0, length?: number): Uint8Array | undefined {
    const place = this.#resolve(path, true);
    if (!place) return undefined;
    return this.#guard(path, () => {
      const { size } = this.#expect(path, place, 'file');
      const wanted = Math.max(0, Math.min(length ?? size, size - offset));
      if (wanted > limits.bytesPerRead)
        throw new ReadFailure(
          `${wanted} bytes are more than one read may fetch (limit bytesPerRead, ${limits.bytesPerRead})`,
        );
      if (this.#bytesRead + wanted > this.#bytesPerImage)
        throw new ReadFailure(`the scan has read as much as it may (limit bytesPerImage, ${this.#bytesPerImage})`);
      const bytes = this.#tree.read(place.node, offset, wanted);
      this.#filesRead.add(place.path);
      this.#bytesRead += bytes.length;
      return bytes;
    });
  }

  *walk(path: string, options: WalkOptions = {}): Generator<WalkEntry> {
    const start = this.#resolve(path, true);
    if (!start) return;
    const depthCap = Math.min(options.maxDepth ?? limits.walkDepth, limits.walkDepth);
    const pending: { path: string; place: Place<Node>; depth: number }[] = [
      { path: trimSlash(path), place: start, depth: 1 },
    ];
    let seen = 0;
    for (let current = pending.pop(); current; current = pending.pop()) {
      const { place, depth } = current;
      const directory = current.path;
      const below: typeof pending = [];
      for (const { name } of this.readDir(directory || '/') ?? []) {
        const child = this.#child(place, name);
        if (!child) continue;
        const childPath = `${directory}/${name}`;
        if (++seen > limits.entriesPerWalk)
          throw new CouldNotRead(
            path,
            `more entries than one walk may visit (limit entriesPerWalk, ${limits.entriesPerWalk})`,
          );
        const status = this.#guardedStatus(childPath, child);
        yield { path: childPath, status };
        if (status.type !== 'directory' || options.enter?.(childPath) === false) continue;
        if (depth < depthCap) below.push({ path: childPath, place: child, depth: depth + 1 });
        else if (options.maxDepth === undefined)
          throw new CouldNotRead(childPath, `directories are nested too deeply (limit walkDepth, ${limits.walkDepth})`);
      }
      pending.push(...below.reverse());
    }
  }

  #entries(path: string, place: Place<Node>): readonly DirectoryEntry[] {
    this.#refuseMissingVolume(path, place.path);
    const known = this.#listings.get(place.path);
    if (known) return known;
    const entries: DirectoryEntry[] = [];
    for (const { name, type } of this.#tree.list(place.node)) {
      if (entries.length >= limits.entriesPerDirectory)
        throw new ReadFailure(`has more than ${limits.entriesPerDirectory} entries (limit entriesPerDirectory)`);
      const told = type ?? this.#typeOf(place, name);
      if (told) entries.push({ name, type: told });
    }
    entries.sort((a, b) => byCodePoint(a.name, b.name));
    this.#listings.set(place.path, entries);
    return entries;
  }

  #typeOf(directory: Place<Node>, name: string): FileType | undefined {
    const child = this.#child(directory, name);
    return child && this.#statusOf(child).type;
  }

  #child(directory: Place<Node>, name: string): Place<Node> | undefined {
    const path = directory.path === '/' ? `/${name}` : `${directory.path}/${name}`;
    const known = this.#places.get(path);
    if (known !== undefined || this.#places.has(path)) return known;
    // What fails here is the search of the directory, so that is what the user has to open up.
    const node = this.#guard(directory.path, () => this.#tree.lookup(directory.node, name));
    if (node === undefined) this.#refuseMissingVolume(path, directory.path);
    const place = node === undefined ? undefined : { node, path };
    this.#places.set(path, place);
    return place;
  }

  #target(place: Place<Node>): string {
    const known = this.#links.get(place.path);
    if (known !== undefined) return known;
    const target = this.#tree.readLink(place.node);
    this.#links.set(place.path, target);
    return target;
  }

  #refuseMissingVolume(path: string, directory: string): void {
    const reason = this.#missingVolumes.get(directory);
    if (reason) throw new CouldNotRead(path, reason);
  }

  #resolve(path: string, followLast: boolean): Place<Node> | undefined {
    const resolved = followLast ? this.#followed : this.#unfollowed;
    const known = resolved.get(path);
    if (known !== undefined || resolved.has(path)) return known;
    const place = this.#walkTo(path, followLast);
    resolved.set(path, place);
    return place;
  }

  /** Walks the path as the kernel does: component by component, `..` stops at the root, links are spliced in. */
  #walkTo(path: string, followLast: boolean): Place<Node> | undefined {
    if (!path.startsWith('/')) throw new TypeError(`not an absolute path inside the image: ${path}`);
    if (path.length > limits.pathLength)
      throw new CouldNotRead(path, `path is too long (limit pathLength, ${limits.pathLength})`);
    const root = this.#root;
    // A scan asks for many names of few directories; where such a directory was reached by its own path, start from it.
    const slash = path.lastIndexOf('/');
    const parent = slash === path.length - 1 ? undefined : this.#directoryAt(path.slice(0, slash));
    let here = parent ?? root;
    const pending = parent ? [path.slice(slash + 1)] : components(path).reverse();
    let links = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const directory = here.path;
      if (this.#guardedStatus(directory, here).type !== 'directory') return undefined;
      if (name === '.') continue;
      if (name === '..') {
        here = this.#directoryAt(directory.slice(0, directory.lastIndexOf('/'))) ?? root;
        continue;
      }
      const place = this.#child(here, name);
      if (!place) return undefined;
      const isLink = this.#guardedStatus(place.path, place).type === 'symlink';
      if (!isLink || (pending.length === 0 && !followLast)) {
        here = place;
        continue;
      }
      if (++links > limits.linksPerPath)
        throw new CouldNotRead(path, `too many levels of symbolic links (limit linksPerPath, ${limits.linksPerPath})`);
      const target = this.#guard(place.path, () => this.#target(place));
      if (target === '') return undefined;
      if (target.startsWith('/')) here = root;
      pending.push(...components(target).reverse());
    }
    return here;
  }

  /** A directory that was looked up by this very path, so none of its components is a link. */
  #directoryAt(path: string): Place<Node> | undefined {
    const place = this.#places.get(path);
    return place && this.#guardedStatus(path, place).type === 'directory' ? place : undefined;
  }

  #expect(path: string, place: Place<Node>, type: 'file' | 'directory'): FileStatus {
    const status = this.#statusOf(place);
    if (status.type !== type) throw new CouldNotRead(path, `is ${article[status.type]}, expected ${article[type]}`);
    return status;
  }

  #statusOf(place: Place<Node>): FileStatus {
    place.status ??= this.#tree.status(place.node);
    return place.status;
  }

  #guardedStatus(path: string, place: Place<Node>): FileStatus {
    return place.status ?? this.#guard(path, () => this.#statusOf(place));
  }

  #guard<T>(path: string, step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof ReadFailure) throw new CouldNotRead(path, error.message, error.advice);
      throw error;
    }
  }
}

function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** The order of `LC_ALL=C`. UTF-16 order is the same as long as no character beyond the basic plane takes part. */
function byCodePoint(a: string, b: string): number {
  if (!surrogate.test(a) && !surrogate.test(b)) return a < b ? -1 : Number(a > b);
  const left = [...a];
  const right = [...b];
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const surrogate = /[\ud800-\udfff]/;
