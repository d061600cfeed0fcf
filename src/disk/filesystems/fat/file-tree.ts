import type { FileStatus, FileType } from '../../../files/file-status.ts';
import { type FileTree, ReadFailure } from '../../../files/file-tree.ts';
import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { allocationTable } from './allocation-table.ts';
import type { BootSector } from './boot-sector.ts';
import { type ClusterChain, clusterChain } from './cluster-chain.ts';
import { type DirectoryEntry, parseDirectory } from './directory.ts';
import { comparedName, isPossibleName } from './names.ts';

/** A file or directory; of the root, `entry` is undefined. */
export interface FatNode {
  readonly entry: DirectoryEntry | undefined;
  readonly parent: FatNode | undefined;
  readonly chain: ClusterChain;
}

interface Directory {
  readonly children: readonly FatNode[];
  readonly byName: ReadonlyMap<string, FatNode>;
}

/** Permissions under the mount options umask=022, uid=0 and gid=0, which are what a mount by root has. */
const MODE = 0o755;
const WRITE = 0o222;
const rootStatus: FileStatus = { type: 'directory', mode: MODE, uid: 0, gid: 0, size: 0, mtime: 0 };

/** The files of a FAT as Linux shows them when it is mounted as vfat without options. */
export class FatTree implements FileTree<FatNode> {
  readonly root: FatNode;
  /** Linux gives all files to whoever mounts, which is root at boot. */
  readonly ownersRecorded = true;
  readonly #device: BlockDevice;
  readonly #boot: BootSector;
  readonly #chainFrom: (firstCluster: number, structure: string) => ClusterChain;
  readonly #directories = new Map<FatNode, Directory>();
  #cachedEntries = 0;
  #rootBytes: Uint8Array | undefined;

  constructor(device: BlockDevice, boot: BootSector) {
    this.#device = device;
    this.#boot = boot;
    const table = allocationTable(device, boot);
    this.#chainFrom = (first, structure) => clusterChain(device, boot, table, first, structure);
    this.root = {
      entry: undefined,
      parent: undefined,
      chain: this.#chainFrom(boot.rootCluster, 'FAT root directory'),
    };
  }

  status({ entry }: FatNode): FileStatus {
    if (!entry) return rootStatus;
    return {
      type: typeOf(entry),
      mode: entry.isReadOnly && !entry.isDirectory ? MODE & ~WRITE : MODE,
      uid: 0,
      gid: 0,
      size: entry.size,
      mtime: entry.mtime,
    };
  }

  lookup(directory: FatNode, name: string): FatNode | undefined {
    return this.#open(directory).byName.get(comparedName(name));
  }

  list(directory: FatNode): { name: string; type: FileType }[] {
    return this.#open(directory).children.flatMap(({ entry }) => {
      if (!entry) return [];
      if (!isPossibleName(entry.name))
        throw new DiskError('corrupt', nameOf(directory), `has an entry with the name ${JSON.stringify(entry.name)}`);
      return { name: entry.name, type: typeOf(entry) };
    });
  }

  readLink(): string {
    throw new ReadFailure('is no symbolic link: FAT has none');
  }

  read({ entry, chain }: FatNode, offset: number, length: number): Uint8Array {
    const count = Math.max(0, Math.min(length, (entry?.size ?? 0) - offset));
    return count === 0 ? new Uint8Array() : chain.read(offset, count);
  }

  /** The bytes of the root directory, which hold the label beside the files. */
  rootBytes(): Uint8Array {
    this.#rootBytes ??= this.#bytesOf(this.root);
    return this.#rootBytes;
  }

  #open(node: FatNode): Directory {
    const known = this.#directories.get(node);
    if (known) return known;
    this.#refuseCycle(node);
    const entries = parseDirectory(node.entry ? this.#bytesOf(node) : this.rootBytes(), this.#boot);
    const children = entries.map((entry): FatNode => {
      const structure = `FAT ${typeOf(entry)} ${JSON.stringify(entry.name)}`;
      return { entry, parent: node, chain: this.#chainFrom(entry.firstCluster, structure) };
    });
    const byName = new Map<string, FatNode>();
    for (const child of children)
      for (const name of [child.entry?.alias ?? '', child.entry?.name ?? '']) {
        const compared = comparedName(name);
        if (!byName.has(compared)) byName.set(compared, child);
      }
    if (this.#cachedEntries > diskLimits.cachedObjects) {
      this.#directories.clear();
      this.#cachedEntries = 0;
    }
    this.#cachedEntries += children.length;
    const directory = { children, byName };
    this.#directories.set(node, directory);
    return directory;
  }

  #bytesOf(node: FatNode): Uint8Array {
    if (!node.entry && this.#boot.width !== 32) return this.#device.read(this.#boot.rootOffset, this.#boot.rootSize);
    const bytes = node.chain.readAll(diskLimits.fatDirectoryBytes);
    if (!bytes)
      throw new DiskError(
        'limit',
        nameOf(node),
        `is larger than ${diskLimits.fatDirectoryBytes} bytes (limit fatDirectoryBytes)`,
      );
    return bytes;
  }

  #refuseCycle(node: FatNode): void {
    const first = node.entry?.firstCluster ?? 0;
    if (first === 0) return;
    for (let above = node.parent; above; above = above.parent) {
      const cluster = above.entry ? above.entry.firstCluster : this.#boot.rootCluster;
      if (cluster === first) throw new DiskError('corrupt', nameOf(node), 'is the same as a directory that it lies in');
    }
  }
}

function typeOf({ isDirectory }: DirectoryEntry): 'directory' | 'file' {
  return isDirectory ? 'directory' : 'file';
}

function nameOf({ entry }: FatNode): string {
  return entry ? `FAT directory ${JSON.stringify(entry.name)}` : 'FAT root directory';
}
