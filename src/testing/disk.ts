import { type BlockDevice, sliceDevice } from '../disk/block-device.ts';
import type { Partition, PartitionTable } from '../disk/partition-table.ts';
import { gptTypeName, mbrTypeName } from '../disk/partitions/types.ts';
import type { LogicalVolume, Volume, VolumeGroup } from '../disk/volume.ts';
import type { MissingMount, Mount, ScannedDisk } from '../image/mount-plan.ts';
import { type CaseBootCode, sparseDevice } from './disk-bytes.ts';
import { type CaseContainer, containerFrom } from './disk-container.ts';
import { bytesOf, type CaseSize } from './disk-sizes.ts';
import { type CaseContent, contentFrom } from './disk-volume.ts';
import type { Tree } from './tree.ts';

interface CasePartition extends CaseContent {
  readonly number: number;
  /** Left out: right behind the one before, the first at 1 MiB. */
  readonly start?: CaseSize;
  /** Left out: up to the end of the disk. */
  readonly size?: CaseSize;
  /** `linux` when left out; a name of the list below, or the type as the table has it. */
  readonly type?: string;
  readonly partUuid?: string;
  /** PARTLABEL; `label` is that of the file system. */
  readonly partLabel?: string;
  readonly active?: boolean;
  /** Path at which it is mounted. */
  readonly mount?: string;
}

interface CaseGroup {
  readonly name: string;
  /** Volumes of this disk; `missing` for one of another disk. */
  readonly physicalVolumes: readonly string[];
  readonly volumes: readonly (CaseContent & {
    readonly name: string;
    readonly size?: CaseSize;
    readonly mount?: string;
  })[];
}

/**
 * The disk of a rule case (key `disk:`). Whatever is left out is as on a good image of Debian or Ubuntu: a fixed VHD of
 * 30 GiB with a GPT, p14 with GRUB's core image, p15 as EFI system partition with the fallback loader and p1 with the
 * root in ext4; it boots both generations. `disk: {}` is that disk. The EFI system partition is mounted when the case
 * has files below /boot/efi, which then are its files.
 */
export interface CaseDisk {
  readonly fileName?: string;
  readonly container?: CaseContainer;
  readonly table?: {
    readonly scheme?: PartitionTable['scheme'];
    readonly sectorSize?: 512 | 4096;
    /** What is wrong with one copy of the GPT. */
    readonly primary?: string;
    readonly backup?: string;
    readonly problems?: readonly string[];
  };
  /** All of them, in the order of the disk, in the place of the good disk's. */
  readonly partitions?: readonly CasePartition[];
  readonly groups?: readonly CaseGroup[];
  readonly bootCode?: CaseBootCode;
  /** Offset in bytes → base64 of what is there. */
  readonly bytes?: Readonly<Record<string, string>>;
  /** Entries that no volume answers. */
  readonly missing?: readonly MissingMount[];
}

const typeNames: Readonly<Record<string, readonly [gpt: string, mbr: string]>> = {
  linux: ['0fc63daf-8483-4772-8e79-3d69d8477de4', '0x83'],
  esp: ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef'],
  'bios-boot': ['21686148-6449-6e6f-744e-656564454649', '0x83'],
  lvm: ['e6d6d379-f507-44c2-a23c-238f2a3df928', '0x8e'],
  swap: ['0657fd6d-a4ab-43c4-84e5-0933c84b4f4f', '0x82'],
};

/** A PE header for x86-64 or Arm64 without sections. */
const loader = (machine: 0x8664 | 0xaa64) => {
  const bytes = Array.from({ length: 88 }, () => 0);
  bytes.splice(0, 2, 0x4d, 0x5a);
  bytes[0x3c] = 0x40;
  bytes.splice(0x40, 6, 0x50, 0x45, 0, 0, machine % 256, machine >> 8);
  return { base64: btoa(String.fromCharCode(...bytes)) };
};

const loaders: Tree = { '/EFI/BOOT/BOOTX64.EFI': loader(0x8664), '/EFI/BOOT/BOOTAA64.EFI': loader(0xaa64) };
const rootUuid = '2d1f0c5e-73b6-4d0e-9b5a-1f2e3d4c5b6a';

const goodPartitions: readonly CasePartition[] = [
  { number: 14, size: '4MiB', type: 'bios-boot' },
  { number: 15, size: '106MiB', type: 'esp', holds: 'vfat', uuid: '1C2D-3E4F', label: 'UEFI', files: loaders },
  { number: 1, holds: 'ext4', uuid: rootUuid, label: 'rootfs', mount: '/' },
];

/** Builds the disk of a case. */
export function diskFrom(given: CaseDisk, files: Tree = {}): ScannedDisk {
  const container = containerFrom(given.container);
  const { scheme = 'gpt' } = given.table ?? {};
  const described = given.partitions ?? goodPartitions;
  const bios = described.find(({ type }) => type === 'bios-boot');
  const places = placesOf(described, container.virtualSize);
  const coreOffset = scheme === 'gpt' && bios ? (places.get(bios)?.offset ?? 512) : 512;
  const device = sparseDevice(container.virtualSize, given.bootCode ?? 'grub', coreOffset, given.bytes ?? {});
  const partitions = described.map((partition) => partitionFrom(device, scheme, partition, places.get(partition)));
  const groups = (given.groups ?? []).map((group) => groupFrom(group));
  const volumes: Volume[] = described.map((partition, index) => ({
    id: `p${partition.number}`,
    size: partitions[index]?.size ?? 0,
    device: partitions[index]?.device,
    ...(partitions[index] && { partition: partitions[index] }),
    content: contentFrom(partition, partitions[index]?.size ?? 0),
  }));
  const logical = (given.groups ?? []).flatMap((group, index) =>
    group.volumes.map((volume, at): Volume => {
      const logicalVolume = groups[index]?.logicalVolumes[at];
      const size = logicalVolume?.size ?? 0;
      const id = `${group.name}/${volume.name}`;
      return {
        id,
        size,
        device: undefined,
        ...(logicalVolume && { logicalVolume }),
        content: contentFrom(volume, size),
      };
    }),
  );
  const mounts = mountsOf(given, described, files);
  return {
    container,
    device,
    table: tableFrom(given, device, partitions),
    volumes: [...volumes, ...logical],
    volumeGroups: groups,
    plan: {
      mounts,
      missing: given.missing ?? [],
      candidates: mounts.slice(0, 1).map(({ volume }) => volume),
    },
  };
}

type Place = { readonly offset: number; readonly size: number };

function placesOf(partitions: readonly CasePartition[], diskSize: number): Map<CasePartition, Place> {
  let next = 2 ** 20;
  const places = new Map<CasePartition, Place>();
  for (const partition of partitions) {
    const offset = partition.start === undefined ? next : bytesOf(partition.start);
    const size = partition.size === undefined ? Math.max(0, diskSize - 2 ** 20 - offset) : bytesOf(partition.size);
    places.set(partition, { offset, size });
    next = offset + size;
  }
  return places;
}

function partitionFrom(
  disk: BlockDevice,
  scheme: PartitionTable['scheme'],
  { number, type = 'linux', partUuid, partLabel, active = false }: CasePartition,
  { offset, size }: Place = { offset: 0, size: 0 },
): Partition {
  const code = typeNames[type]?.[scheme === 'mbr' ? 1 : 0] ?? type;
  const isInside = offset + size <= disk.size;
  return {
    number,
    offset,
    size,
    type: code,
    typeName: scheme === 'mbr' ? mbrTypeName(Number(code)) : gptTypeName(code),
    partUuid: partUuid ?? `0a1b2c3d-0000-4000-8000-${String(number).padStart(12, '0')}`,
    label: partLabel,
    bootable: active,
    device: isInside ? sliceDevice(disk, offset, size, `partition ${number}`) : undefined,
  };
}

function tableFrom(
  { table = {}, bootCode }: CaseDisk,
  device: BlockDevice,
  partitions: readonly Partition[],
): PartitionTable {
  const { scheme = 'gpt', sectorSize = 512, primary, backup, problems = [] } = table;
  const isGpt = scheme === 'gpt';
  const copies = {
    primary: { offset: sectorSize, problem: primary },
    backup: { offset: device.size - sectorSize, problem: backup },
  };
  return {
    scheme,
    sectorSize,
    partitions,
    diskId: isGpt ? '0a1b2c3d-0000-4000-8000-000000000000' : '1a2b3c4d',
    mbr: { signature: true, bootCode: bootCode !== 'none', protective: isGpt, hybrid: false },
    gpt: isGpt ? copies : undefined,
    problems,
  };
}

function groupFrom({ name, physicalVolumes, volumes }: CaseGroup): VolumeGroup {
  return {
    name,
    uuid: `${name}-uuid`,
    extentSize: 4 * 2 ** 20,
    physicalVolumes: physicalVolumes.map((id) => ({ uuid: `${id}-uuid`, volume: id === 'missing' ? undefined : id })),
    logicalVolumes: volumes.map(
      (volume): LogicalVolume => ({
        group: name,
        name: volume.name,
        uuid: `${volume.name}-uuid`,
        size: bytesOf(volume.size ?? '2GiB'),
        device: undefined,
        problem: undefined,
      }),
    ),
  };
}

function mountsOf(given: CaseDisk, partitions: readonly CasePartition[], files: Tree): Mount[] {
  const hasEfiFiles = Object.keys(files).some((path) => path.startsWith('/boot/efi/'));
  const named = [
    ...partitions.map(({ number, mount, type }) => {
      const implied = type === 'esp' && hasEfiFiles ? '/boot/efi' : undefined;
      return { volume: `p${number}`, path: mount ?? implied };
    }),
    ...(given.groups ?? []).flatMap(({ name, volumes }) =>
      volumes.map((volume) => ({ volume: `${name}/${volume.name}`, path: volume.mount })),
    ),
  ];
  const mounts = named.flatMap(({ volume, path }) => (path === undefined ? [] : [{ volume, path }]));
  return mounts
    .map(({ volume, path }): Mount => ({ path, volume, by: path === '/' ? 'content' : 'fstab' }))
    .sort((a, b) => a.path.length - b.path.length);
}
