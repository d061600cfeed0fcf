import type { Disk } from '../disk/disk.ts';
import { type FstabEntry, parseFstab, splitMountOptions } from '../formats/fstab.ts';
import { parseUnitFile } from '../formats/systemd-unit.ts';
import { isVacant, nodeAt, placeOf, statusAt, textOf } from './compose-places.ts';
import type { ComposedTree, Layer } from './composed-tree.ts';
import { unreadableTree } from './composed-tree.ts';
import { onMissingVolume, transientTypes } from './missing-volumes.ts';
import type { MissingMount, Mount, MountReason } from './mount-plan.ts';
import { type MountableTree, mountable, type SubvolumeChoice } from './mountable.ts';
import { expectedMounts, flatcarEtc, isFlatcar } from './partition-roles.ts';
import { contentText, isEncrypted } from './volume-content.ts';
import { namedVolume } from './volume-names.ts';

/** The root as far as it is put together. */
export interface Composition {
  readonly disk: Disk;
  readonly tree: ComposedTree;
  /** Everything that is mounted, the root first. */
  readonly layers: { readonly layer: Layer; readonly source: MountableTree }[];
  readonly mounts: Mount[];
  readonly missing: MissingMount[];
  /** Place without links → why nothing below it can be read. */
  readonly unreadable: Map<string, string>;
}

/** Entries of the root's own fstab; none when it has no fstab or it cannot be read. */
export function fstabOf(tree: ComposedTree): readonly FstabEntry[] {
  const text = textOf(tree, '/etc/fstab');
  return text === undefined ? [] : parseFstab(text).entries;
}

/** Mounts what fstab says a boot mounts: shorter paths first, as systemd orders them, and what binds these last. */
export function mountTable(composition: Composition, entries: readonly FstabEntry[]): void {
  const depth = ({ mountPoint }: FstabEntry) => mountPoint.split('/').filter((name) => name !== '').length;
  const wanted = entries
    .filter(
      ({ mountPoint, options }) => mountPoint.startsWith('/') && mountPoint !== '/' && !options.includes('noauto'),
    )
    .sort((a, b) => depth(a) - depth(b));
  for (const entry of wanted) if (!isBind(entry) && !transientTypes.has(entry.type)) mountEntry(composition, entry);
  for (const entry of wanted) if (isBind(entry)) bind(composition.tree, entry);
}

function isBind({ options }: FstabEntry): boolean {
  return options.includes('bind') || options.includes('rbind');
}

function bind(tree: ComposedTree, { device, mountPoint }: FstabEntry): void {
  const from = device.startsWith('/') ? placeOf(tree, device) : undefined;
  const node = from === undefined ? undefined : nodeAt(tree, from);
  const place = placeOf(tree, mountPoint);
  if (node && place !== undefined) tree.mount(place, node);
}

/** Places that decide what a scan sees, and that a mount unit may fill where there is no fstab. */
const unitPlaces = ['/usr', '/var', '/boot', '/efi', '/boot/efi'] as const;
const unitFolders = ['/etc/systemd/system', '/usr/lib/systemd/system'] as const;

/** Mounts what units of systemd mount below a few places that are empty otherwise. */
export function mountUnits(composition: Composition): void {
  const { disk, tree } = composition;
  for (const path of unitPlaces) {
    const name = `${path.slice(1).replaceAll('/', '-')}.mount`;
    const text = unitFolders.map((folder) => textOf(tree, `${folder}/${name}`)).find((found) => found !== undefined);
    if (text === undefined || !isVacant(tree, path)) continue;
    const settings = new Map(
      parseUnitFile(text).assignments.flatMap(({ section, key, value }) => (section === 'Mount' ? [[key, value]] : [])),
    );
    const options = splitMountOptions(settings.get('Options') ?? '');
    const named = namedVolume(disk, settings.get('What') ?? '', settings.get('Type'), options);
    const source = named.kind === 'volume' ? mountable(named.volume, subvolumeChoice(options)) : undefined;
    const place = placeOf(tree, path);
    if (place !== undefined && source !== undefined && typeof source !== 'string')
      mountAt(composition, place, source, { path, by: 'unit' });
  }
}

/** Mounts what needs no entry: by partition type, or by the labels of Flatcar. */
export function mountExpected(composition: Composition, entries: readonly FstabEntry[]): void {
  const { disk, tree, layers } = composition;
  const named = new Set(entries.map(({ mountPoint }) => mountPoint.replace(/(?<=.)\/+$/, '')));
  for (const { volume, paths, by } of expectedMounts(disk)) {
    if (layers.some(({ source }) => source.volume === volume)) continue;
    const path = paths.find(
      (candidate) =>
        !named.has(candidate) &&
        isVacant(tree, candidate) &&
        (paths.length === 1 || statusAt(tree, candidate)?.type === 'directory'),
    );
    const place = path && placeOf(tree, path);
    if (!path || !place) continue;
    const source = mountable(volume);
    if (typeof source !== 'string') mountAt(composition, place, source, { path, by });
    else refuse(composition, place, { path, source: volume.id, reason: `lies on ${volume.id}, which ${source}` });
  }
  if (isFlatcar(disk)) overlayEtc(tree);
}

function mountEntry(composition: Composition, { device, mountPoint, type, options, line }: FstabEntry): void {
  const { disk, tree } = composition;
  const place = placeOf(tree, mountPoint);
  if (place === undefined) return;
  const named = namedVolume(disk, device, type, options);
  if (named.kind === 'elsewhere') return;
  const row = { path: mountPoint, source: device, line };
  if (named.kind === 'missing') {
    const locked = encryptedVolume(composition, device);
    const reason = locked === undefined ? onMissingVolume(device, line) + closedVolumes(disk) : `lies on ${locked}`;
    refuse(composition, place, { ...row, reason });
    return;
  }
  const source = mountable(named.volume, subvolumeChoice(options));
  if (typeof source === 'string')
    refuse(composition, place, {
      ...row,
      reason: `lies on ${device} (/etc/fstab:${line}), but ${named.volume.id} ${source}`,
    });
  else mountAt(composition, place, source, { path: mountPoint, by: 'fstab', line });
}

/** Options of a btrfs mount; the last of a kind counts, and `subvolid=0` is the top. */
export function subvolumeChoice(options: readonly string[]): SubvolumeChoice {
  const value = (key: string) => options.findLast((option) => option.startsWith(key))?.slice(key.length);
  const path = value('subvol=');
  const number = value('subvolid=');
  const id = number === undefined || !/^\d+$/.test(number) ? undefined : Number(number) || 5;
  return { ...(path !== undefined && { path }), ...(id !== undefined && { id }) };
}

function mountAt(
  { tree, layers, mounts }: Composition,
  place: string,
  source: MountableTree,
  mount: { readonly path: string; readonly by: MountReason; readonly line?: number },
): void {
  const layer: Layer = { volume: source.volume.id, tree: source.tree };
  tree.mount(place, { layer, node: source.tree.root });
  layers.push({ layer, source });
  mounts.push(describeMount(source, mount));
}

/** A mount as the plan tells it. */
export function describeMount(
  { volume, subvolume }: MountableTree,
  mount: { readonly path: string; readonly by: MountReason; readonly line?: number },
): Mount {
  return { ...mount, volume: volume.id, ...(subvolume !== undefined && { subvolume }) };
}

function refuse({ tree, missing, unreadable }: Composition, place: string, row: MissingMount): void {
  const status = statusAt(tree, place);
  const below = unreadableTree(row.reason, status?.type === 'directory' ? status : undefined);
  tree.mount(place, { layer: { volume: '', tree: below }, node: below.root });
  missing.push(row);
  unreadable.set(place, row.reason);
}

/** Volumes that may be the one that was looked for, as nobody can see what is in them. */
function closedVolumes({ volumes }: Disk): string {
  const closed = volumes.filter(({ content }) => content.kind === 'unreadable' || isEncrypted(content));
  return closed.length === 0
    ? ''
    : `, or is closed: ${closed.map((volume) => `${volume.id} ${contentText(volume)}`).join('; ')}`;
}

/** What /dev/mapper/NAME is when crypttab makes it: "p3, which is LUKS-encrypted". */
function encryptedVolume({ disk, tree }: Composition, device: string): string | undefined {
  const [, name] = /^\/dev\/mapper\/(.+)$/.exec(device) ?? [];
  if (name === undefined) return undefined;
  const rows = (textOf(tree, '/etc/crypttab') ?? '').split('\n').map((row) => row.trim().split(/\s+/));
  const [, below] = rows.find(([target]) => target === name) ?? [];
  const named = below === undefined ? undefined : namedVolume(disk, below);
  if (named?.kind !== 'volume') return undefined;
  const reason = mountable(named.volume);
  return typeof reason === 'string' ? `${named.volume.id}, which ${reason}` : undefined;
}

/** Flatcar's /etc holds what the machine itself wrote; all else shows through from /usr. */
function overlayEtc(tree: ComposedTree): void {
  const lower = nodeAt(tree, flatcarEtc);
  if (!lower) return;
  const upper = nodeAt(tree, '/etc');
  tree.mount('/etc', upper ? { ...upper, lower } : lower);
}
