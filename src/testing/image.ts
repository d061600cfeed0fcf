import type { Host } from '../engine/host.ts';
import { Scan } from '../engine/scan.ts';
import { nodeHost } from '../host/host.ts';
import { TreeRootFs } from '../image/tree-root-fs.ts';
import { type CaseDisk, diskFrom } from './disk.ts';
import { memoryTree, type Tree } from './tree.ts';

/** A host whose clock stands still, for tests. */
export const testHost: Host = {
  ...nodeHost,
  now: () => new Date('2026-01-01T00:00:00Z'),
};

/** A scan of an image in memory. */
export function imageFrom(
  tree: Tree,
  { disk, ...options }: { readonly ownersRecorded?: boolean; readonly disk?: CaseDisk } = {},
): Scan {
  const rootFs = new TreeRootFs(memoryTree(tree, options));
  return disk
    ? new Scan(rootFs, testHost, diskFrom(disk, tree), disk.fileName ?? 'disk.vhd')
    : new Scan(rootFs, testHost);
}
