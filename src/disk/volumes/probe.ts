import type { BlockDevice } from '../block-device.ts';
import type { Codecs } from '../codecs.ts';
import { attemptDisk, DiskError } from '../disk-error.ts';
import type { FileSystemFormat } from '../file-system.ts';
import type { VolumeContent } from '../volume.ts';
import { identifySwap, lateSignatures, middleSignatures, suspendSignature } from './file-system-signatures.ts';
import { layerSignatures, luksBackupSignature, raidSignatures } from './layer-signatures.ts';
import { readLabel } from './lvm-label.ts';
import type { Signature } from './signature.ts';

/** One question put to a device; undefined hands on to the next. */
type Step = () => VolumeContent | undefined;

/**
 * Recognises what a volume holds and opens it when it is a file system. Where it carries more than one signature, the
 * order of libblkid's superblocks.c, as udev uses it, decides: RAID, LVM, encryption, FAT, swap, XFS, ext, other file systems, btrfs.
 */
export function probeVolume(device: BlockDevice, formats: readonly FileSystemFormat[], codecs: Codecs): VolumeContent {
  const open = (isWanted: (format: FileSystemFormat) => boolean): Step[] =>
    formats.filter(isWanted).map((format) => () => openFormat(device, format, codecs));
  const steps: readonly Step[] = [
    ...foreign(device, raidSignatures),
    () => (hasLabel(device) ? { kind: 'physical-volume', group: undefined } : undefined),
    ...foreign(device, layerSignatures),
    ...open(({ name }) => name === 'vfat'),
    ...foreign(device, [suspendSignature]),
    () => swap(device),
    ...open(({ name }) => name === 'xfs'),
    ...open(({ name }) => name === 'ext' || name === undefined),
    ...foreign(device, middleSignatures),
    ...open(({ name }) => name === 'btrfs'),
    ...foreign(device, lateSignatures),
    () => damagedLabel(device),
    ...foreign(device, [luksBackupSignature]),
  ];
  const content = attemptDisk(() => {
    for (const step of steps) {
      const found = step();
      if (found) return found;
    }
    return undefined;
  });
  if (content instanceof DiskError) return { kind: 'unreadable', type: 'volume', problem: content };
  return content ?? { kind: 'unrecognised' };
}

/** Whether a device is a physical volume of LVM2, and not a RAID member through which the one of an array shows. */
export function isPhysicalVolume(device: BlockDevice): boolean {
  const isOne = attemptDisk(
    () => hasLabel(device) && raidSignatures.every((signature) => signature.identify(device) === undefined),
  );
  return isOne === true;
}

function foreign(device: BlockDevice, signatures: readonly Signature[]): Step[] {
  return signatures.map(({ type, identify }) => () => {
    const identity = identify(device);
    return identity && { kind: 'foreign', type, ...identity };
  });
}

function swap(device: BlockDevice): VolumeContent | undefined {
  const identity = identifySwap(device);
  return identity && { kind: 'swap', uuid: identity.uuid, label: identity.label };
}

function openFormat(device: BlockDevice, format: FileSystemFormat, codecs: Codecs): VolumeContent | undefined {
  if (!format.recognises(device)) return undefined;
  const fileSystem = attemptDisk(() => format.open(device, codecs));
  return fileSystem instanceof DiskError
    ? { kind: 'unreadable', type: format.name ?? 'file system', problem: fileSystem }
    : { kind: 'file-system', fileSystem };
}

function hasLabel(device: BlockDevice): boolean {
  const label = attemptDisk(() => readLabel(device));
  return label !== undefined && !(label instanceof DiskError);
}

function damagedLabel(device: BlockDevice): VolumeContent | undefined {
  const label = attemptDisk(() => readLabel(device));
  return label instanceof DiskError ? { kind: 'unreadable', type: 'LVM2_member', problem: label } : undefined;
}
