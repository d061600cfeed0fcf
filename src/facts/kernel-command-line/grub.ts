import {
  type GrubConfiguration,
  type GrubMenuItem,
  type GrubSurroundings,
  parseGrubCfg,
} from '../../formats/grub-cfg.ts';
import { findGrubDefault, type GrubMenuNode } from '../../formats/grub-menu.ts';
import { parseGrubEnvironment } from '../../formats/grubenv.ts';
import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { BootEntry } from '../kernel-command-line.ts';
import { type LoaderEntry, readLoaderEntries } from './boot-loader-entries.ts';

const BIOS_FILES = ['/boot/grub2/grub.cfg', '/boot/grub/grub.cfg'] as const;
/** EL 7 keeps the menu itself there; later systems a stub, which has no entries. */
const EFI_FILES = '/boot/efi/EFI/*/grub.cfg';
const LOADER_ENTRIES = '/boot/loader/entries';

/** A menu item with every kernel that it may boot. */
interface Node extends GrubMenuNode {
  readonly items?: readonly Node[];
  readonly boots: readonly Omit<BootEntry, 'isDefault'>[];
}

/** Entries of every GRUB 2 menu in the image: one machine may boot by BIOS or by UEFI, each with its own file. */
export function grubEntries(rootFs: RootFs): BootEntry[] {
  const seen = new Set<string>();
  return [...BIOS_FILES, ...expandGlob(rootFs, EFI_FILES)].flatMap((path) => {
    const realPath = rootFs.realPath(path);
    if (realPath === undefined || seen.has(realPath)) return [];
    seen.add(realPath);
    return readMenu(rootFs, path, rootFs.readText(path) ?? '');
  });
}

function readMenu(rootFs: RootFs, path: string, text: string): BootEntry[] {
  const configuration = parseGrubCfg(text, surroundingsOf(rootFs, path));
  const lines = text.split('\n');
  const nodes = configuration.menu.flatMap((item) => toNodes(item, { rootFs, path, lines, configuration }));
  const chosen = new Set(configuration.defaults.map((value) => findGrubDefault(nodes, value)));
  const list = (node: Node): BootEntry[] => [
    ...node.boots.map((boot) => ({ ...boot, isDefault: chosen.has(node) })),
    ...(node.items ?? []).flatMap(list),
  ];
  return nodes.flatMap(list);
}

interface MenuContext {
  readonly rootFs: RootFs;
  readonly path: string;
  readonly lines: readonly string[];
  readonly configuration: GrubConfiguration;
}

function toNodes(item: GrubMenuItem, context: MenuContext): Node[] {
  const { rootFs, path, lines, configuration } = context;
  if (item.kind === 'boot-loader-entries') {
    const entries = readLoaderEntries(rootFs, LOADER_ENTRIES, (name) => configuration.variable(name));
    return groupById(entries).map((boots) => ({ id: boots[0]?.id ?? '', title: boots[0]?.title ?? '', boots }));
  }
  const { title } = item;
  const identity = { title, ...(item.id !== undefined && { id: item.id }) };
  if (item.kind === 'submenu') {
    return [{ ...identity, boots: [], items: item.items.flatMap((inner) => toNodes(inner, context)) }];
  }
  const boots = item.boots.map((boot) => ({
    title,
    parameters: parseKernelCommandLine(boot.arguments),
    kernel: boot.kernel,
    initrds: boot.initrds,
    evidence: { path, line: boot.line, text: lines[boot.line - 1] ?? '' },
  }));
  return [{ ...identity, boots }];
}

function groupById(entries: readonly LoaderEntry[]): LoaderEntry[][] {
  const groups = new Map<string, LoaderEntry[]>();
  for (const entry of entries) groups.set(entry.id, [...(groups.get(entry.id) ?? []), entry]);
  return [...groups.values()];
}

/** Paths in a grub.cfg start at the partition that holds /boot, which may be the root file system or not. */
function surroundingsOf(rootFs: RootFs, grubCfg: string): GrubSurroundings {
  const directory = grubCfg.slice(0, grubCfg.lastIndexOf('/'));
  const locate = (path: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (path.startsWith('$')) return [`${directory}/${name}`, `/boot/${name}`];
    return path.startsWith('/') ? [path, `/boot${path}`] : [];
  };
  const find = (path: string) => locate(path).find((candidate) => rootFs.stat(candidate)?.type === 'file');
  return {
    environment: (path) => {
      const file = find(path ?? '$prefix/grubenv');
      const text = file === undefined ? undefined : rootFs.readText(file);
      if (text === undefined) return undefined;
      return new Map(parseGrubEnvironment(text).variables.map(({ name, value }) => [name, value]));
    },
    exists: (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const isFound = find(path) !== undefined;
      // Another disk may have what is not here, except the environment block, which has one place.
      return isFound || (name === 'grubenv' ? false : undefined);
    },
  };
}
