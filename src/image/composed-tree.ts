import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import type { FileStatus, FileType } from './root-fs.ts';

/** What is mounted somewhere: one file system of the disk, or one of its subvolumes. */
export interface Layer {
  /** Id of the volume. */
  readonly volume: string;
  /** Replaced by one that refuses, once all is mounted, where the contents may not be trusted. */
  tree: FileTree<unknown>;
}

/** A file of the composed root. */
export interface ComposedNode {
  readonly layer: Layer;
  /** As the layer's own tree has it. */
  readonly node: unknown;
  /** The place of the node among the mount points, when it is one or leads to one. */
  readonly point: MountPoint | undefined;
  /** The directory of the same path below this one in an overlay. */
  readonly lower?: ComposedNode;
}

interface MountPoint {
  readonly children: Map<string, MountPoint>;
  mounted: ComposedNode | undefined;
}

const impliedDirectory: FileStatus = { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

/** Directories that systemd makes on the way to a mount point that the image lacks. */
const implied: Layer = { volume: '', tree: emptyTree(() => undefined) };

/**
 * Several file systems as one tree. Mount points belong to paths, not to files of a file system: where a subvolume is
 * seen twice, what is mounted below the one path is not below the other.
 */
export class ComposedTree implements FileTree<ComposedNode> {
  readonly root: ComposedNode;
  readonly ownersRecorded: boolean;

  constructor(layer: Layer) {
    this.ownersRecorded = layer.tree.ownersRecorded;
    this.root = { layer, node: layer.tree.root, point: { children: new Map(), mounted: undefined } };
  }

  /**
   * Shows a directory, or a bind-mounted file, at a path from now on; the path is free of symbolic links.
   *
   * @param lower Makes it an overlay over that directory.
   */
  mount(path: string, node: Omit<ComposedNode, 'point'>): void {
    let point = this.root.point;
    for (const name of path.split('/').filter((part) => part !== '')) {
      let next = point?.children.get(name);
      next ??= { children: new Map(), mounted: undefined };
      point?.children.set(name, next);
      point = next;
    }
    if (point) point.mounted = { ...node, point };
  }

  /** The node at a path that is free of symbolic links. */
  at(path: string): ComposedNode | undefined {
    let node: ComposedNode | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) node = node && this.lookup(node, name);
    return node;
  }

  status({ layer, node }: ComposedNode): FileStatus {
    return layer.tree.status(node);
  }

  lookup(directory: ComposedNode, name: string): ComposedNode | undefined {
    const point = directory.point?.children.get(name);
    if (point?.mounted) return point.mounted;
    const found = this.#below(directory, name);
    if (found) return point ? { ...found, point } : found;
    return point && { layer: implied, node: undefined, point };
  }

  *list(directory: ComposedNode): Generator<{ name: string; type?: FileType }> {
    const points = directory.point?.children;
    if (!points?.size && !directory.lower) {
      yield* directory.layer.tree.list(directory.node);
      return;
    }
    const names = new Set<string>();
    for (let part: ComposedNode | undefined = directory; part; part = part.lower) {
      for (const entry of part.layer.tree.list(part.node)) {
        if (names.has(entry.name)) continue;
        names.add(entry.name);
        if (directory.lower && !this.lookup(directory, entry.name)) continue;
        yield points?.get(entry.name) ? { name: entry.name } : entry;
      }
    }
    for (const name of points?.keys() ?? []) if (!names.has(name)) yield { name };
  }

  readLink({ layer, node }: ComposedNode): string {
    return layer.tree.readLink(node);
  }

  read({ layer, node }: ComposedNode, offset: number, length: number): Uint8Array {
    return layer.tree.read(node, offset, length);
  }

  /** A step inside of what is mounted; the upper directory of an overlay hides, whites out or continues the lower. */
  #below({ layer, node, lower }: ComposedNode, name: string): ComposedNode | undefined {
    const upper = layer.tree.lookup(node, name);
    if (upper === undefined) return lower && this.#below(lower, name);
    const found: ComposedNode = { layer, node: upper, point: undefined };
    if (!lower) return found;
    const { type } = layer.tree.status(upper);
    // A device 0/0 is the whiteout of overlayfs; no other device has a place in /etc.
    if (type === 'character-device') return undefined;
    const hidden = type === 'directory' ? this.#below(lower, name) : undefined;
    return hidden && this.status(hidden).type === 'directory' ? { ...found, lower: hidden } : found;
  }
}

/**
 * What stands where a volume belongs that cannot be had: a directory whose contents are unreadable, not absent.
 *
 * @param status Of the directory that is there without the volume.
 */
export function unreadableTree(reason: string, status: FileStatus = impliedDirectory): FileTree<undefined> {
  const refuse = () => {
    throw new ReadFailure(reason);
  };
  return emptyTree(refuse, status);
}

/** The tree with every reading refused. */
export function refusedTree(tree: FileTree<unknown>, reason: string, advice: string): FileTree<unknown> {
  const refuse = (): never => {
    throw new ReadFailure(reason, advice);
  };
  const { root, ownersRecorded } = tree;
  return { root, ownersRecorded, status: refuse, lookup: refuse, list: refuse, readLink: refuse, read: refuse };
}

function emptyTree(beforeReading: () => void, status = impliedDirectory): FileTree<undefined> {
  return {
    root: undefined,
    ownersRecorded: true,
    status: () => status,
    lookup: () => {
      beforeReading();
      return undefined;
    },
    list: () => {
      beforeReading();
      return [];
    },
    readLink: () => '',
    read: () => new Uint8Array(),
  };
}
