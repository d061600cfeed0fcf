import { createHash } from 'node:crypto';
import type { FileTree } from '../../src/files/file-tree.ts';

/** Which fields a file system cannot keep, or a builder sets itself. */
export interface ManifestOptions {
  readonly without?: readonly ('owner' | 'mode' | 'mtime' | 'link-mode')[];
  /** Paths that the builder adds: `/lost+found`. */
  readonly except?: readonly string[];
}

const piece = 1 << 20;

/**
 * Every path below the root with type, mode, owner, time, size, link target and SHA-256 of its bytes, so that two trees
 * are the same when their manifests are. Sizes of directories are left out: each file system has its own.
 */
export function manifestOf<Node>(tree: FileTree<Node>, options: ManifestOptions = {}): Record<string, string> {
  const without = new Set(options.without);
  const manifest: Record<string, string> = {};
  const visit = (node: Node, path: string): void => {
    const status = tree.status(node);
    const fields: string[] = [status.type];
    if (!without.has('mode') && !(status.type === 'symlink' && without.has('link-mode')))
      fields.push(status.mode.toString(8));
    if (!without.has('owner')) fields.push(`${status.uid}:${status.gid}`);
    if (!without.has('mtime') && path !== '') fields.push(`${status.mtime}`);
    if (status.type === 'file') {
      const hash = createHash('sha256');
      for (let offset = 0; offset < status.size; offset += piece) hash.update(tree.read(node, offset, piece));
      fields.push(`${status.size}`, hash.digest('hex'));
    }
    if (status.type === 'symlink') fields.push(tree.readLink(node));
    manifest[path === '' ? '/' : path] = fields.join(' ');
    if (status.type !== 'directory') return;
    for (const { name, type } of [...tree.list(node)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = `${path}/${name}`;
      if (options.except?.includes(below)) continue;
      const child = tree.lookup(node, name);
      if (child === undefined) throw new Error(`${below} is listed and cannot be looked up`);
      const actual = tree.status(child).type;
      if (type !== undefined && type !== actual) throw new Error(`${below} is listed as ${type} and is ${actual}`);
      visit(child, below);
    }
  };
  visit(tree.root, '');
  return manifest;
}
