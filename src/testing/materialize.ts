import { Buffer } from 'node:buffer';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { encodeName } from '../files/names.ts';
import type { MemoryNode } from '../image/memory.ts';
import { memoryTree, type Tree } from './tree.ts';

/**
 * Writes a test image into a directory of the host, which must exist. Owners, devices, FIFOs and sockets need root and
 * are left out; what only memory can refuse (`unreadable`) loses its permissions instead.
 *
 * The tree is built in memory first, so that a link of the image is resolved inside it and never by the host.
 */
export function materialize(tree: Tree, folder: string): void {
  writeChildren(memoryTree(tree).root, Buffer.from(folder));
}

function writeChildren(parent: MemoryNode, folder: Buffer): void {
  for (const [name, node] of parent.children ?? []) {
    const path = Buffer.concat([folder, Buffer.from('/'), encodeName(name)]);
    const mode = node.unreadable === undefined ? node.status.mode : 0;
    if (node.target !== undefined) symlinkSync(node.target, path);
    else if (node.children) {
      mkdirSync(path);
      writeChildren(node, path);
      chmodSync(path, mode);
    } else if (node.status.type === 'file') {
      writeFileSync(path, node.content ?? new Uint8Array());
      chmodSync(path, mode);
    }
  }
}
