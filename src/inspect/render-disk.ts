import { forTerminal } from '../reports/escape.ts';
import { widthOf } from '../reports/layout.ts';
import type { DiskInspection, VolumeInspection } from './disk.ts';
import { type Page, row } from './page.ts';

/** Subvolumes that are named; an openSUSE has a dozen and its snapshots. */
const namedSubvolumes = 20;

/** A disk from its container to the root that its volumes make up, as sections of a page. */
export function diskSections(disk: DiskInspection, page: Page): readonly (readonly string[])[] {
  return [
    [page.palette.bold('Disk'), ...diskLines(disk, page)],
    [page.palette.bold('Volumes'), ...disk.volumes.flatMap((volume) => volumeLines(volume, disk, page))],
    ...(disk.volumeGroups.length > 0 ? [[page.palette.bold('Volume groups'), ...groupLines(disk, page)]] : []),
    ...(disk.plan ? [[page.palette.bold('Mounts'), ...mountLines(disk.plan, disk, page)]] : []),
  ];
}

function diskLines({ container, partitionTable }: DiskInspection, page: Page): readonly string[] {
  const { scheme, sectorSize, diskId, gpt, problems } = partitionTable;
  const copies = gpt
    ? [gpt.primary, gpt.backup].flatMap(({ problem }, index) =>
        problem === undefined ? [] : [`the ${index === 0 ? 'primary' : 'backup'} GPT ${problem}`],
      )
    : [];
  const table = scheme === 'none' ? 'none' : `${scheme.toUpperCase()} for sectors of ${sectorSize} bytes`;
  return [
    row('container', containerText(container), page),
    row('size', `${sizeText(container.virtualSize)} (${container.virtualSize} bytes)`, page),
    ...(container.fileSize === container.virtualSize
      ? []
      : [row('file', `${sizeText(container.fileSize)} (${container.fileSize} bytes)`, page)]),
    row('table', diskId === null ? table : `${table}, disk ${diskId}`, page),
    ...[...('problems' in container ? container.problems : []), ...problems, ...copies].map((problem) =>
      page.palette.error(row('problem', problem, page)),
    ),
  ];
}

function containerText(container: DiskInspection['container']): string {
  switch (container.format) {
    case 'raw':
      return 'none (raw)';
    case 'vhd':
      return `VHD, ${container.type}, made by "${container.footer.creatorApplication.trim()}"`;
    case 'vhdx':
      return `VHDX, ${container.type}, sectors of ${container.logicalSectorSize} bytes, made by "${container.creator}"`;
    case 'qcow2':
      return `qcow2, version ${container.version}, clusters of ${sizeText(container.clusterSize)}`;
  }
}

function volumeLines(volume: VolumeInspection, disk: DiskInspection, page: Page): readonly string[] {
  const { id, size, type, kind, uuid, label, problem, fileSystem } = volume;
  const partition = disk.partitionTable.partitions.find(({ number }) => `p${number}` === id);
  const places = disk.plan?.mounts.filter((mount) => mount.volume === id).map(({ path }) => path) ?? [];
  const head = [
    page.palette.bold(forTerminal(id).padEnd(Math.max(14, ...disk.volumes.map((other) => widthOf(other.id))))),
    sizeText(size).padStart(9),
    (type === null ? kind : forTerminal(type)).padEnd(12),
    places.length > 4 ? `${places.slice(0, 4).map(forTerminal).join(' ')} …` : places.map(forTerminal).join(' '),
  ];
  const names = [
    ...(partition ? [partition.typeName] : []),
    ...(partition?.label ? [`named ${JSON.stringify(partition.label)}`] : []),
    ...(partition?.bootable ? ['bootable'] : []),
    ...(label === null ? [] : [kind === 'physical-volume' ? `of ${label}` : `label ${JSON.stringify(label)}`]),
    ...(uuid === null ? [] : [`UUID ${uuid}`]),
    ...(partition?.partUuid ? [`PARTUUID ${partition.partUuid}`] : []),
  ];
  return [
    `  ${head.join('  ')}`.trimEnd(),
    ...(names.length > 0 ? [row('', names.join(', '), page)] : []),
    ...(problem === null ? [] : [page.palette.error(row('', problem, page))]),
    ...(fileSystem ? stateLines(fileSystem, page) : []),
  ];
}

function stateLines(fileSystem: NonNullable<VolumeInspection['fileSystem']>, page: Page): readonly string[] {
  const { state, complaints, subvolumes, defaultSubvolume } = fileSystem;
  const named = subvolumes?.filter(({ path }) => path !== '') ?? [];
  const names = named
    .slice(0, namedSubvolumes)
    .map(({ id, path }) => `${path}${id === defaultSubvolume ? ' (default)' : ''}`);
  const more = named.length > namedSubvolumes ? [`${named.length - namedSubvolumes} more`] : [];
  return [
    ...(state.kind === 'replayed' ? [row('', `journal replayed in memory: ${state.detail}`, page)] : []),
    ...(state.kind === 'dirty'
      ? [page.palette.error(row('', `not clean: ${state.reason}; ${state.advice}`, page))]
      : []),
    ...complaints.map((complaint) => page.palette.error(row('', complaint, page))),
    ...(named.length > 0 ? [row('', `subvolumes ${[...names, ...more].join(', ')}`, page)] : []),
  ];
}

function groupLines({ volumeGroups }: DiskInspection, page: Page): readonly string[] {
  return volumeGroups.flatMap(({ name, extentSize, physicalVolumes, logicalVolumes }) => [
    row(
      name,
      `extents of ${sizeText(extentSize)}, on ${physicalVolumes.map(({ volume }) => volume ?? 'a disk that is not here').join(', ')}`,
      page,
    ),
    ...logicalVolumes.flatMap((volume) =>
      volume.problem === null ? [] : [page.palette.error(row('', `${volume.name}: ${volume.problem}`, page))],
    ),
  ]);
}

function mountLines(
  plan: NonNullable<DiskInspection['plan']>,
  { volumes }: DiskInspection,
  page: Page,
): readonly string[] {
  const reasons = {
    content: 'found by its contents',
    fstab: 'by fstab',
    unit: 'by its mount unit',
    'partition-type': 'by its partition type',
    label: 'by its partition name',
  } as const;
  const [, ...others] = plan.candidates;
  return [
    ...plan.mounts.map(({ path, volume, subvolume, by, line }) => {
      const type = volumes.find(({ id }) => id === volume)?.type ?? '';
      const place = line === undefined ? '' : `, /etc/fstab:${line}`;
      const what = subvolume === undefined ? volume : `${volume}:${subvolume}`;
      return row(
        path,
        `${what} (${type}), ${by === 'fstab' && line !== undefined ? place.slice(2) : reasons[by] + place}`,
        page,
      );
    }),
    ...plan.missing.map(({ path, reason }) => page.palette.error(row(path, reason, page))),
    ...(others.length > 0 ? [row('other roots', `${others.join(', ')} (--root-partition chooses)`, page)] : []),
  ];
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** In the largest unit that leaves a whole part, one digit behind the point. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
