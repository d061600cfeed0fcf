import { splitMountOptions } from '../formats/fstab.ts';
import { textOf } from './compose-places.ts';
import type { ComposedTree } from './composed-tree.ts';
import { attempt, isCouldNotRead } from './could-not-read.ts';
import { TreeRootFs } from './tree-root-fs.ts';

const menus = ['/boot/grub2/grub.cfg', '/boot/grub/grub.cfg'];
const entries = '/boot/loader/entries';

/**
 * Mount options of the root in `rootflags=`, where all boot entries that choose a subvolume choose the same. Undefined when
 * none does, and when they differ: which of them boots is more than can be told while the root is put together.
 */
export function rootFlags(tree: ComposedTree): readonly string[] | undefined {
  const listed = attempt(() => new TreeRootFs(tree).readDir(entries) ?? []);
  const names = isCouldNotRead(listed) ? [] : listed.map(({ name }) => name).filter((name) => name.endsWith('.conf'));
  const texts = [...menus, ...names.map((name) => `${entries}/${name}`)].map((path) => textOf(tree, path) ?? '');
  const flags = texts.flatMap((text) => [...text.matchAll(/^[ \t]*(?:linux|options)[^\n]*?[ \t]rootflags=(\S+)/gm)]);
  const [only, ...others] = new Set(flags.flatMap(([, value = '']) => (/subvol(?:id)?=/.test(value) ? [value] : [])));
  return only === undefined || others.length > 0 ? undefined : splitMountOptions(only);
}
