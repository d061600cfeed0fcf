import { DiskError } from '../../disk-error.ts';

/** Low four bits of sb_versionnum: the version of the whole format. */
const VERSION_BITS = 0xf;

/** Bits of sb_versionnum (xfs_format.h). */
export const versionBit = {
  attributes: 0x0010,
  logV2: 0x0400,
  logSector: 0x0800,
  unwritten: 0x1000,
  directoryV2: 0x2000,
  asciiCaseless: 0x4000,
  more: 0x8000,
} as const;
const SHARED_BIT = 0x0200;

/** Bits of sb_features2. */
const second = { lazyCount: 0x2, attr2: 0x8, projectId32: 0x80, checksums: 0x100, fileType: 0x200 } as const;
const KNOWN_SECOND = second.lazyCount | second.attr2 | second.projectId32 | second.checksums | second.fileType;

/** Bits of sb_features_incompat. */
const incompat = {
  fileType: 1 << 0,
  sparseInodes: 1 << 1,
  metaUuid: 1 << 2,
  bigTime: 1 << 3,
  needsRepair: 1 << 4,
  largeExtentCounts: 1 << 5,
  exchangeRange: 1 << 6,
  parentPointers: 1 << 7,
  metadataDirectory: 1 << 8,
} as const;
const KNOWN_INCOMPAT = Object.values(incompat).reduce((all, bit) => all | bit, 0);

/** Names as mkfs.xfs and xfs_info print them. */
const incompatNames: readonly (readonly [number, string])[] = [
  [incompat.fileType, 'ftype'],
  [incompat.sparseInodes, 'sparse'],
  [incompat.metaUuid, 'metauuid'],
  [incompat.bigTime, 'bigtime'],
  [incompat.largeExtentCounts, 'nrext64'],
  [incompat.exchangeRange, 'exchange'],
  [incompat.parentPointers, 'parent'],
  [incompat.metadataDirectory, 'metadir'],
];
const roCompatNames: readonly (readonly [number, string])[] = [
  [1 << 0, 'finobt'],
  [1 << 1, 'rmapbt'],
  [1 << 2, 'reflink'],
  [1 << 3, 'inobtcount'],
];
const secondNames: readonly (readonly [number, string])[] = [
  [second.lazyCount, 'lazy-count'],
  [second.attr2, 'attr2'],
  [second.projectId32, 'projid32bit'],
];

/** The feature words of a superblock as stored. */
export interface FeatureWords {
  /** sb_versionnum. */
  readonly version: number;
  /** sb_features2, together with the copy that old kernels wrote into the wrong place. */
  readonly second: number;
  readonly roCompat: number;
  readonly incompat: number;
}

/** What of the features changes how the file system is read. */
export interface Features {
  readonly isV5: boolean;
  /** Directory entries carry the type of the file. */
  readonly hasFileTypes: boolean;
  /** A UUID of its own is in all metadata; the visible one may have been changed since. */
  readonly hasMetaUuid: boolean;
  readonly hasLogV2: boolean;
  readonly names: readonly string[];
}

/**
 * Metadata directories add a second root beside the one of the files, which stays where it was; parent pointers are
 * attributes; both leave files as they are.
 *
 * @throws {DiskError} of kind `unsupported` for what the kernel would not mount either, or what is not read
 */
export function featuresOf(words: FeatureWords): Features {
  const version = words.version & VERSION_BITS;
  if (version !== 4 && version !== 5) throw refusal(`has the version ${version}; 4 and 5 are read`);
  const isV5 = version === 5;
  if ((words.version & SHARED_BIT) !== 0 || (words.version & versionBit.directoryV2) === 0)
    throw refusal(`has the version word 0x${words.version.toString(16)}, with features that no kernel mounts any more`);
  const more = isV5 || (words.version & versionBit.more) !== 0 ? words.second : 0;
  if ((more & ~KNOWN_SECOND) !== 0) throw refusal(`has the unknown features 0x${(more & ~KNOWN_SECOND).toString(16)}`);
  if ((words.version & versionBit.asciiCaseless) !== 0)
    throw refusal('finds names whatever their case (ascii-ci), which this program does not');
  if (isV5) refuseIncompat(words.incompat);
  const has = (bit: number) => isV5 && (words.incompat & bit) !== 0;
  return {
    isV5,
    hasFileTypes: isV5 ? has(incompat.fileType) : (more & second.fileType) !== 0,
    hasMetaUuid: has(incompat.metaUuid),
    hasLogV2: isV5 || (words.version & versionBit.logV2) !== 0,
    names: namesOf(isV5, words, more),
  };
}

function refuseIncompat(bits: number): void {
  if ((bits & incompat.needsRepair) !== 0)
    throw new DiskError(
      'unsupported',
      'XFS superblock',
      'asks for a repair (needsrepair); the kernel refuses to mount it',
      0,
      'run xfs_repair on the unmounted file system',
    );
  const unknown = (bits & ~KNOWN_INCOMPAT) >>> 0;
  if (unknown !== 0) throw refusal(`has the incompatible features 0x${unknown.toString(16)}, which are not known here`);
}

function namesOf(isV5: boolean, words: FeatureWords, more: number): string[] {
  const pick = (bits: number, names: readonly (readonly [number, string])[]) =>
    names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  const names = pick(more, secondNames);
  if (isV5) return ['crc', ...names, ...pick(words.roCompat, roCompatNames), ...pick(words.incompat, incompatNames)];
  return (more & second.fileType) === 0 ? names : [...names, 'ftype'];
}

function refusal(reason: string): DiskError {
  return new DiskError('unsupported', 'XFS superblock', reason, 0);
}
