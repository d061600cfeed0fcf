import type { BlockDevice } from './block-device.ts';

export interface RawContainer {
  readonly format: 'raw';
  /** Bytes, here and below. */
  readonly fileSize: number;
  readonly virtualSize: number;
}

/** The 512-byte footer of a VHD, by Microsoft's Virtual Hard Disk Image Format Specification 1.0. */
export interface VhdFooter {
  /** Where the copy that was used stands, in bytes from the start of the file. */
  readonly offset: number;
  readonly features: number;
  /** 0x00010000 by the specification. */
  readonly formatVersion: number;
  /** Bytes, rounded beyond 2^53; all ones (here undefined) for a fixed disk. */
  readonly dataOffset: number | undefined;
  /** Seconds since 1970-01-01 UTC. */
  readonly timestamp: number;
  /** Four characters, `win `, `qemu`, `vbox`. */
  readonly creatorApplication: string;
  readonly creatorVersion: number;
  readonly creatorHostOs: string;
  /** Bytes, rounded beyond 2^53. */
  readonly originalSize: number;
  /** The virtual size that Azure goes by. */
  readonly currentSize: number;
  readonly geometry: { readonly cylinders: number; readonly heads: number; readonly sectorsPerTrack: number };
  /** 2 fixed, 3 dynamic, 4 differencing. */
  readonly diskType: number;
  readonly storedChecksum: number;
  readonly computedChecksum: number;
  /** As a GUID in lower case. */
  readonly uniqueId: string;
  readonly savedState: boolean;
  /** Whether the reserved bytes behind the fields are zero, as they should be. */
  readonly reservedIsZero: boolean;
}

export interface VhdContainer {
  readonly format: 'vhd';
  /** How the file is laid out, whatever type its footer gives. */
  readonly type: 'fixed' | 'dynamic';
  readonly fileSize: number;
  /** The footer's current size; the file may have fewer bytes. */
  readonly virtualSize: number;
  /**
   * The one that was used. It has to stand at `fileSize` - 512; it stands at - 511 as old Virtual PC wrote it, before
   * zeros when the file was padded, and at 0 when only that copy of a dynamic disk is whole.
   */
  readonly footer: VhdFooter;
  /** Bytes; dynamic disks only. */
  readonly blockSize?: number;
  /** Contradictions that did not keep the disk from being read. */
  readonly problems: readonly string[];
}

export interface VhdxContainer {
  readonly format: 'vhdx';
  readonly type: 'fixed' | 'dynamic';
  readonly fileSize: number;
  readonly virtualSize: number;
  readonly blockSize: number;
  readonly logicalSectorSize: number;
  readonly physicalSectorSize: number;
  /** Whether the file was closed cleanly, or its log was replayed in memory. */
  readonly log: 'empty' | 'replayed';
  readonly creator: string;
  readonly problems: readonly string[];
}

export interface Qcow2Container {
  readonly format: 'qcow2';
  readonly version: 2 | 3;
  readonly fileSize: number;
  readonly virtualSize: number;
  readonly clusterSize: number;
  readonly compression: 'zlib' | 'zstd';
  readonly extendedL2: boolean;
  readonly snapshots: number;
  readonly problems: readonly string[];
}

/** What the file is, before anything inside the disk is looked at. */
export type Container = RawContainer | VhdContainer | VhdxContainer | Qcow2Container;

export interface OpenedContainer {
  readonly container: Container;
  /** The disk as the virtual machine sees it: `virtualSize` bytes, fewer when a fixed VHD was cut. */
  readonly disk: BlockDevice;
}
