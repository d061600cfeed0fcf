import type { GrubConfiguration, GrubMenuItem } from '../../formats/grub-cfg.ts';
import { findGrubDefault, type GrubMenuNode } from '../../formats/grub-menu.ts';
import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { GrubMenuFile } from '../grub-menus.ts';
import type { BootEntry } from '../kernel-command-line.ts';
import { type LoaderEntry, readLoaderEntries } from './boot-loader-entries.ts';

const LOADER_ENTRIES = '/boot/loader/entries';

/** A menu item with every kernel that it may boot. */
interface Node extends GrubMenuNode {
  readonly items?: readonly Node[];
  readonly boots: readonly Omit<BootEntry, 'isDefault'>[];
}

/** Entries of every GRUB 2 menu in the image: one machine may boot by BIOS or by UEFI, each with its own file. */
export function grubEntries(rootFs: RootFs, menus: readonly GrubMenuFile[]): BootEntry[] {
  return menus.flatMap((menu) => readMenu(rootFs, menu));
}

function readMenu(rootFs: RootFs, { path, text, configuration }: GrubMenuFile): BootEntry[] {
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
