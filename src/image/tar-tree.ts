import type { BlockDevice } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import { limits } from './limits.ts';
import type { FileStatus, FileType } from './root-fs.ts';
import { extractTar, type TarNode } from './tar-extraction.ts';

/** The root that an archive would leave behind when root extracts it with GNU tar, without extracting it. */
export class TarTree implements FileTree<TarNode> {
  readonly root: TarNode;
  readonly ownersRecorded: boolean;
  /** Members that an extraction would refuse or fail on, each a sentence. */
  readonly problems: readonly string[];
  readonly #device: BlockDevice;

  /**
   * Reads all headers of the archive.
   *
   * @throws {DiskError} when it is damaged, cut short, larger than a limit, or the image of a container
   */
  constructor(device: BlockDevice) {
    const { root, ownersRecorded, problems } = extractTar(device);
    this.root = root;
    this.ownersRecorded = ownersRecorded;
    this.problems = problems;
    this.#device = device;
  }

  status(node: TarNode): FileStatus {
    if (node.failure) throw node.failure;
    return node.status;
  }

  lookup({ children }: TarNode, name: string): TarNode | undefined {
    return children?.get(name);
  }

  *list({ children }: TarNode): Generator<{ name: string; type: FileType }> {
    for (const [name, { status }] of children ?? []) yield { name, type: status.type };
  }

  readLink({ linkTarget }: TarNode): string {
    if (linkTarget === undefined) throw new ReadFailure('is no symbolic link');
    return linkTarget;
  }

  read({ content, failure }: TarNode, offset: number, length: number): Uint8Array {
    if (failure) throw failure;
    const { size, pieces } = content;
    const end = Math.min(size, offset + length);
    if (end <= offset) return new Uint8Array();
    const [only] = pieces;
    if (pieces.length === 1 && only && only.length === size) return this.#device.read(only.at + offset, end - offset);
    if (end - offset > limits.bytesPerRead)
      throw new DiskError('limit', 'tar archive', `was asked for ${end - offset} bytes at once (limit bytesPerRead)`);
    const bytes = new Uint8Array(end - offset);
    for (let index = firstPiece(pieces, offset); index < pieces.length; index++) {
      const piece = pieces[index];
      if (!piece || piece.offset >= end) break;
      const from = Math.max(offset, piece.offset);
      const count = Math.min(end, piece.offset + piece.length) - from;
      if (count > 0) bytes.set(this.#device.read(piece.at + from - piece.offset, count), from - offset);
    }
    return bytes;
  }
}

/** The last piece that begins at or before the offset, by bisection. */
function firstPiece(pieces: readonly { readonly offset: number }[], offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
