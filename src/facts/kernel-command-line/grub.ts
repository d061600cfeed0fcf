import type { Evidence } from '../../engine/model.ts';
import type { GrubBoot, GrubConfiguration, GrubMenuItem, GrubUnseen } from '../../formats/grub-cfg.ts';
import { findGrubDefault, type GrubMenuNode } from '../../formats/grub-menu.ts';
import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { GrubMenuFile } from '../grub-menus.ts';
import type { BootEntry } from '../kernel-command-line.ts';
import { type LoaderEntry, readLoaderEntries } from './boot-loader-entries.ts';

const LOADER_ENTRIES = '/boot/loader/entries';

/** A menu item with every kernel that it may boot. */
interface Node extends GrubMenuNode {
  readonly items?: readonly Node[];
  /** Which of them boot when the item is chosen: of another menu that it shows, the default. */
  readonly boots: readonly BootEntry[];
  readonly unseen?: readonly GrubUnseen[];
}

/** Entries of every GRUB 2 menu in the image: one machine may boot by BIOS or by UEFI, each with its own file. */
export function grubEntries(rootFs: RootFs, menus: readonly GrubMenuFile[]): BootEntry[] {
  return menus.flatMap(({ path, text, configuration }) => {
    const texts = new Map([[path, text.split('\n')]]);
    return readMenu({ rootFs, path, texts, configuration });
  });
}

function readMenu(context: MenuContext): BootEntry[] {
  const { path, configuration } = context;
  refuseUnseen(path, configuration.unseen);
  const nodes = configuration.menu.flatMap((item) => toNodes(item, context));
  const chosen = new Set(configuration.defaults.map((value) => findGrubDefault(nodes, value)));
  for (const node of chosen) refuseUnseen(path, node?.unseen);
  const list = (node: Node): BootEntry[] => [
    ...node.boots.map((boot) => ({ ...boot, isDefault: boot.isDefault && chosen.has(node) })),
    ...(node.items ?? []).flatMap(list),
  ];
  const shown = (configuration.shown ?? []).flatMap((other) => readMenu({ ...context, configuration: other }));
  return [...nodes.flatMap(list), ...shown];
}

/** What a file that nobody can look at adds, changes or boots is not known, so neither is the menu. */
function refuseUnseen(path: string, unseen: readonly GrubUnseen[] = []): void {
  const [first] = unseen;
  if (first)
    throw new CouldNotRead(first.file ?? path, `runs ${first.path} in line ${first.line}, which ${first.reason}`);
}

interface MenuContext {
  readonly rootFs: RootFs;
  readonly path: string;
  /** Lines of the file and of those that it runs. */
  readonly texts: Map<string, readonly string[]>;
  readonly configuration: GrubConfiguration;
}

function toNodes(item: GrubMenuItem, context: MenuContext): Node[] {
  const { rootFs, configuration } = context;
  if (item.kind === 'boot-loader-entries') {
    const entries = readLoaderEntries(rootFs, LOADER_ENTRIES, (name) => configuration.variable(name));
    return groupById(entries).map((boots) => ({
      id: boots[0]?.id ?? '',
      title: boots[0]?.title ?? '',
      boots: boots.map((boot) => ({ ...boot, isDefault: true })),
    }));
  }
  const { title } = item;
  const identity = {
    title,
    ...(item.id !== undefined && { id: item.id }),
    ...(item.unseen && { unseen: item.unseen }),
  };
  if (item.kind === 'submenu') {
    return [{ ...identity, boots: [], items: item.items.flatMap((inner) => toNodes(inner, context)) }];
  }
  const boots = item.boots.map((boot) => ({
    title,
    parameters: parseKernelCommandLine(boot.arguments),
    kernel: boot.kernel,
    initrds: boot.initrds,
    isDefault: true,
    evidence: evidenceOf(boot, context),
  }));
  const shown = (item.shown ?? []).flatMap((other) => readMenu({ ...context, configuration: other }));
  return [{ ...identity, boots: [...boots, ...shown] }];
}

function evidenceOf({ line, file }: GrubBoot, { rootFs, path, texts }: MenuContext): Evidence {
  const place = file ?? path;
  const lines = texts.get(place) ?? (rootFs.readText(place) ?? '').split('\n');
  texts.set(place, lines);
  return { path: place, line, text: lines[line - 1] ?? '' };
}

function groupById(entries: readonly LoaderEntry[]): LoaderEntry[][] {
  const groups = new Map<string, LoaderEntry[]>();
  for (const entry of entries) groups.set(entry.id, [...(groups.get(entry.id) ?? []), entry]);
  return [...groups.values()];
}
