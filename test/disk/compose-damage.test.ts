import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { openContainer } from '../../src/disk/containers/open.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import { openDisk } from '../../src/disk/open-disk.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { composeRoot } from '../../src/image/compose.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { TargetError } from '../../src/image/image.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { collectDisk } from '../../src/inspect/disk.ts';
import { memoryDisk, sequence } from './memory-disk.ts';

const golden = gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'images', 'root.img.gz')));

/** Offsets that are not zero: the metadata, and the little that the files hold. */
const used = [...golden.keys()].filter((index) => golden[index] !== 0);

/** Opens the disk, looks at each volume, puts the root together and reads everything in it; what may come out. */
function readAll(bytes: Uint8Array): 'whole' | 'refused' | 'partly' {
  let isWhole = true;
  try {
    const { container, disk: device } = openContainer(memoryDisk(bytes), nodeCodecs);
    const disk = openDisk(container, device, [ext, xfs, btrfs, fat], nodeCodecs);
    collectDisk(disk, undefined);
    const { tree, missingVolumes } = composeRoot(disk);
    const rootFs = new TreeRootFs(tree, missingVolumes);
    for (const top of rootFs.readDir('/') ?? []) {
      try {
        for (const { path, status } of rootFs.walk(`/${top.name}`))
          if (status.type === 'file') rootFs.readBytes(path, 0, 65_536);
      } catch (error) {
        if (!isCouldNotRead(error)) throw error;
        isWhole = false;
      }
    }
  } catch (error) {
    if (error instanceof TargetError || error instanceof DiskError || isCouldNotRead(error)) return 'refused';
    throw error;
  }
  return isWhole ? 'whole' : 'partly';
}

describe('a damaged disk', () => {
  test('gives its reasons, whichever bytes are wrong', () => {
    const random = sequence(20_261_125);
    const outcomes = { whole: 0, refused: 0, partly: 0 };
    for (let run = 0; run < 200; run++) {
      const bytes = new Uint8Array(golden);
      for (let count = 1 + random(40); count > 0; count--) bytes[used[random(used.length)] ?? 0] = random(256);
      outcomes[readAll(bytes)] += 1;
    }
    // All three happen, or the mutants do not reach what they should.
    expect(Math.min(outcomes.refused, outcomes.partly)).toBeGreaterThan(10);
  });

  test.each([512, 1024 * 1024, 1024 * 1024 + 2000, 3 * 1024 * 1024, 5 * 1024 * 1024 + 700])(
    'that ends at byte %i is no crash',
    (length) => {
      expect(['refused', 'partly']).toContain(readAll(golden.subarray(0, length)));
    },
  );
});
