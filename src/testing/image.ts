import type { Host } from '../engine/host.ts';
import { Scan } from '../engine/scan.ts';
import { nodeHost } from '../host/host.ts';
import { TreeRootFs } from '../image/tree-root-fs.ts';
import { memoryTree, type Tree } from './tree.ts';

/** A host whose clock stands still, for tests. */
export const testHost: Host = {
  ...nodeHost,
  now: () => new Date('2026-01-01T00:00:00Z'),
};

/** A scan of an image in memory. */
export function imageFrom(tree: Tree, options: { readonly ownersRecorded?: boolean } = {}): Scan {
  return new Scan(new TreeRootFs(memoryTree(tree, options)), testHost);
}
