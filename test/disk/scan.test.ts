import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import rules from '../../rules/index.ts';
import type { ImageReport } from '../../src/engine/model.ts';
import { type FstabEntry, parseFstab } from '../../src/formats/fstab.ts';
import { nodeHost } from '../../src/host/host.ts';
import { openTarget } from '../../src/host/open.ts';
import type { Need } from '../../src/image/image.ts';
import { scanImage } from '../../src/scan-image.ts';
import { materialize } from '../../src/testing/materialize.ts';
import { defaultIntent, readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { makeGptDisk, mkfsExt, mkfsFat, mtools, type PartitionPlan, sgdisk, splitRoot } from './disk-builder.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(60_000);

const folder = workFolder();
const roots = join(import.meta.dirname, '..', '..', 'fixtures', 'roots');
const mkfsBtrfs = { program: 'mkfs.btrfs', package: 'btrfs-progs' } as const;
const mkfsXfs = { program: 'mkfs.xfs', package: 'xfsprogs' } as const;

/** What a directory can show. */
const filesOnly: ReadonlySet<Need> = new Set<Need>(['rootfs', 'initramfs', 'esp', 'options']);

/** Scans a target by its files alone, as rules know more of a disk than of a directory. */
async function scan(target: string): Promise<ImageReport> {
  const { disk: _disk, ...image } = await openTarget(target);
  try {
    return await scanImage(
      { ...image, offers: filesOnly },
      {
        rules,
        intent: defaultIntent,
        host: { ...nodeHost, now: () => new Date('2026-08-22T00:00:00Z') },
        label: 'x',
        failOn: 'error',
        allowUnknown: false,
      },
    );
  } finally {
    image.close?.();
  }
}

/** What the report says of the system, without how it was read. */
function said({ results, system, firstBoot, internalErrors }: ImageReport) {
  return {
    internalErrors,
    system,
    firstBoot,
    results: results.map(({ ruleId, outcome, reason, findings, evidence }) => ({
      ruleId,
      outcome,
      reason,
      findings,
      evidence,
    })),
  };
}

/** Sizes in MiB that mkfs takes without complaint. */
const sizes = { ext4: 64, xfs: 320, btrfs: 120, vfat: 40 } as const;

/** What the initial RAM disk of Flatcar mounts, as it has no fstab. */
const flatcarRows = [
  'PARTLABEL=ROOT / ext4',
  'PARTLABEL=USR-A /usr btrfs',
  'PARTLABEL=EFI-SYSTEM /boot vfat',
  'PARTLABEL=OEM /oem btrfs',
].join('\n');

function volumesOf(tree: Tree): readonly FstabEntry[] {
  const entry = tree['/etc/fstab'];
  const text = typeof entry === 'string' ? entry : flatcarRows;
  return parseFstab(text).entries.filter(({ mountPoint }) => mountPoint.startsWith('/'));
}

/** A disk whose partitions answer to these entries. */
function diskOf(root: string, rows: readonly FstabEntry[]): string {
  const places = rows.map(({ mountPoint }) => mountPoint).filter((path) => path !== '/');
  const parts = splitRoot(root, `${root}.parts`, places);
  const partitions = rows.map(({ device, mountPoint, type }, index): PartitionPlan => {
    const [tag, value = ''] = device.split('=');
    const known = (['ext4', 'xfs', 'btrfs', 'vfat'] as const).find((name) => name === type) ?? 'ext4';
    return {
      number: index + 1,
      size: sizes[known],
      type: known,
      code: known === 'vfat' ? 'ef00' : '8300',
      files: mountPoint === '/' ? root : (parts.get(mountPoint) ?? root),
      ...(tag === 'UUID' && { uuid: value }),
      ...(tag === 'LABEL' && { label: value }),
      ...(tag === 'PARTUUID' && { partUuid: value }),
      ...(tag === 'PARTLABEL' && { name: value }),
    };
  });
  return makeGptDisk(`${root}.img`, partitions);
}

function check(name: string): void {
  test(`${name} gives the same results as its directory`, async () => {
    const tree = readBaseTree(roots, name);
    const [whole, root] = ['whole', 'root'].map((kind) => join(folder, `${name}-${kind}`));
    if (!whole || !root) throw new Error('unreachable');
    for (const path of [whole, root, `${root}.parts`]) mkdirSync(path);
    materialize(tree, whole);
    const rows = volumesOf(tree);
    // A volume that is empty in a directory counts as one that was not given.
    for (const { mountPoint, type } of rows)
      if (type !== 'vfat') mkdirSync(join(whole, mountPoint, 'lost+found'), { recursive: true });
    run('cp', '-a', `${whole}/.`, root);
    const expected = await scan(whole);
    const report = await scan(diskOf(root, rows));
    expect(report.kind).toBe('disk');
    expect(said(report)).toEqual(said(expected));
    expect(report.verdict).toBe(expected.verdict);
    expect(report.stats.imageBytesRead).toBeLessThan(8 * 1024 * 1024);
    expect(report.results.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(50);
  });
}

describe('a scan of a disk', () => {
  // An ordinary user's files would be that user's in the one and the image's own in the other.
  describeWith(['root', sgdisk, mkfsExt, mkfsFat, mtools], 'with ext4', () => {
    for (const name of ['debian-12', 'ubuntu-24.04-specialized']) check(name);
  });
  describeWith(['root', 'loop', sgdisk, mkfsExt, mkfsXfs, mkfsFat, mtools], 'with XFS', () => {
    check('rhel-9');
  });
  describeWith(['root', sgdisk, mkfsExt, mkfsBtrfs, mkfsFat, mtools], 'with btrfs', () => {
    check('flatcar');
  });
});
