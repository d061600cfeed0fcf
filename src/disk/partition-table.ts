import type { BlockDevice } from './block-device.ts';

export interface Partition {
  /** As the kernel numbers it: 1 to 4 primary or GPT entry, 5 and up logical. */
  readonly number: number;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** GPT: the type GUID in lower case. MBR: the type byte as `0x83`. */
  readonly type: string;
  /** What the type means in words, `EFI system partition`; the type itself when it has no known name. */
  readonly typeName: string;
  /** PARTUUID as the kernel spells it: the GUID in lower case, or disk signature and number, `1a2b3c4d-01`. */
  readonly partUuid: string | undefined;
  /** GPT name (PARTLABEL); undefined when empty. */
  readonly label: string | undefined;
  /** MBR: the active flag. GPT: the legacy BIOS bootable attribute. */
  readonly bootable: boolean;
  /** Undefined with the reason in {@link PartitionTable.problems} when the partition does not lie inside the disk. */
  readonly device: BlockDevice | undefined;
}

/** One of the two copies of a GPT. */
export interface GptCopy {
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** Undefined when header and entries are right. */
  readonly problem: string | undefined;
}

export interface PartitionTable {
  /** `none`: the disk begins with something else, as a file system without partitions. */
  readonly scheme: 'gpt' | 'mbr' | 'none';
  /** Bytes of the logical sectors that the table is laid out for. */
  readonly sectorSize: 512 | 4096;
  /** In the order of their numbers. */
  readonly partitions: readonly Partition[];
  /** GPT: disk GUID in lower case. MBR: the signature as eight hexadecimal digits. */
  readonly diskId: string | undefined;
  readonly mbr: {
    /** 0x55 0xaa stands at the end of the first sector. */
    readonly signature: boolean;
    /** The 440 bytes of boot code are not all zero. */
    readonly bootCode: boolean;
    /** An entry of type 0xee is there. */
    readonly protective: boolean;
    /** Entries beside the protective one. */
    readonly hybrid: boolean;
  };
  readonly gpt: { readonly primary: GptCopy; readonly backup: GptCopy } | undefined;
  /** Contradictions, each a sentence that names the structure and its place: overlaps, partitions beyond the end. */
  readonly problems: readonly string[];
}
