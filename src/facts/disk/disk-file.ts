import type { Container } from '../../disk/container.ts';
import { defineFact } from '../../engine/define.ts';
import type { Evidence } from '../../engine/model.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';
import { DISK } from './places.ts';

/** The file that holds the disk. */
export interface DiskFile {
  readonly container: Container;
  /** Last part of its name. */
  readonly name?: string;
  /** The file in words: `VHD of creator qem2`, and where its footer is. */
  readonly evidence: Evidence;
}

/** Format and sizes of the file that holds the disk. */
export const diskFile = defineFact<DiskFile>({
  id: 'disk-file',
  description: 'Format, virtual size and length of the disk file, and the footer of a VHD.',
  reads: [DISK],
  compute({ disk, fileName }) {
    if (!disk) throw new CouldNotRead(DISK, 'the target is no disk');
    const { container } = disk;
    return {
      container,
      ...(fileName !== undefined && fileName !== '' && { name: fileName }),
      evidence: { path: DISK, text: describe(container) },
    };
  },
});

function describe(container: Container): string {
  const { format, virtualSize, fileSize } = container;
  const sizes = `virtual size ${virtualSize}, file length ${fileSize} bytes`;
  if (format !== 'vhd') return `${format} disk: ${sizes}`;
  const { footer, type } = container;
  const creator = JSON.stringify(footer.creatorApplication);
  return `VHD footer at byte ${footer.offset}: ${type}, creator ${creator}, ${sizes}`;
}
