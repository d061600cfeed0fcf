import { toSafeNumber } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { BlockReader } from './block-reader.ts';
import type { Key } from './key.ts';
import {
  type BlockPointer,
  childAt,
  compareBlockKey,
  describeBlock,
  type Item,
  itemAt,
  lastAtMost,
  type TreeBlock,
} from './tree-block.ts';

/** One B-tree. Keys that are searched need not exist. */
export interface Tree {
  /** Items in order, from the last one at or before the key on; from the first one when all are after it. */
  around(key: Key): Iterable<Item>;
  /** Items in order, from the first one at or after the key on. */
  from(key: Key): Iterable<Item>;
  /** The last item at or before the key. */
  last(key: Key): Item | undefined;
  find(key: Key): Item | undefined;
}

/** A block on the way down and the entry that was taken. */
interface Step {
  readonly block: TreeBlock;
  index: number;
}

export function openTree(blocks: BlockReader, root: BlockPointer): Tree {
  const descend = (key: Key): Step[] => {
    if (root.level >= diskLimits.treeDepth)
      throw new DiskError(
        'limit',
        describeBlock(root.logical),
        `is of level ${root.level}; trees are lower (limit treeDepth, ${diskLimits.treeDepth})`,
      );
    let block = blocks.read(root);
    const path: Step[] = [{ block, index: lastAtMost(block, key) }];
    while (block.level > 0) {
      block = readChild(blocks, block, Math.max(0, path.at(-1)?.index ?? 0));
      path.push({ block, index: lastAtMost(block, key) });
    }
    return path;
  };

  function* walk(path: Step[], fromIndex: number): Generator<Item> {
    let leaf = path.pop()?.block;
    let index = fromIndex;
    while (leaf) {
      for (; index < leaf.count; index++) yield itemAt(leaf, index);
      const next = nextLeaf(blocks, path);
      if (next) expectAfter(leaf, next);
      leaf = next;
      index = 0;
    }
  }

  return {
    around: (key) => lazily(() => pathWalk(descend(key), (index) => Math.max(0, index))),
    from: (key) =>
      lazily(() =>
        pathWalk(descend(key), (index, leaf) =>
          index >= 0 && compareBlockKey(leaf, index, key) === 0 ? index : index + 1,
        ),
      ),
    last: (key) => {
      const step = descend(key).at(-1);
      return step && step.index >= 0 ? itemAt(step.block, step.index) : undefined;
    },
    find: (key) => {
      const step = descend(key).at(-1);
      if (!step || step.index < 0 || compareBlockKey(step.block, step.index, key) !== 0) return undefined;
      return itemAt(step.block, step.index);
    },
  };

  function pathWalk(path: Step[], start: (index: number, leaf: TreeBlock) => number): Generator<Item> {
    const leaf = path.at(-1);
    return walk(path, leaf ? start(leaf.index, leaf.block) : 0);
  }
}

function* lazily(begin: () => Generator<Item>): Generator<Item> {
  yield* begin();
}

function nextLeaf(blocks: BlockReader, path: Step[]): TreeBlock | undefined {
  let step = path.at(-1);
  while (step && Math.max(0, step.index) + 1 >= step.block.count) {
    path.pop();
    step = path.at(-1);
  }
  if (!step) return undefined;
  step.index = Math.max(0, step.index) + 1;
  let block = readChild(blocks, step.block, step.index);
  while (block.level > 0) {
    path.push({ block, index: 0 });
    block = readChild(blocks, block, 0);
  }
  return block;
}

function readChild(blocks: BlockReader, parent: TreeBlock, index: number): TreeBlock {
  const child = childAt(parent, index);
  return blocks.read({ ...child, logical: toSafeNumber(child.logical, `${describeBlock(parent.logical)}'s child`) });
}

/** Keys that go on rising keep a block from being walked twice, however its parents are linked. */
function expectAfter(leaf: TreeBlock, next: TreeBlock): void {
  if (leaf.count > 0 && compareBlockKey(next, 0, itemAt(leaf, leaf.count - 1)) <= 0)
    throw new DiskError('corrupt', describeBlock(next.logical), 'has keys that belong before those of its neighbour');
}
