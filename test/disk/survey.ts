import type { BlockDevice } from '../../src/disk/block-device.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystemFormat } from '../../src/disk/file-system.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';

/** Reads all that a damaged file system still shows, as a scan would; anything but a typed error comes out. */
export function survey(format: FileSystemFormat, device: BlockDevice): { entries: number; complaints: string[] } {
  const complaints: string[] = [];
  let entries = 0;
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof DiskError) && !isCouldNotRead(error)) throw error;
      complaints.push(error.message);
    }
  };
  guarded(() => {
    const rootFs = new TreeRootFs(format.open(device, nodeCodecs).tree);
    const visit = (directory: string, depth: number): void => {
      guarded(() => {
        for (const { name } of (rootFs.readDir(directory) ?? []).slice(0, 500)) {
          const path = `${directory === '/' ? '' : directory}/${name}`;
          if (++entries > 2000) return;
          guarded(() => {
            const type = rootFs.lstat(path)?.type;
            if (type === 'file') rootFs.readBytes(path, 0, 65_536);
            else if (type === 'symlink') rootFs.readLink(path);
            else if (type === 'directory' && depth < 16) visit(path, depth + 1);
          });
        }
      });
    };
    visit('/', 0);
  });
  return { entries, complaints };
}
