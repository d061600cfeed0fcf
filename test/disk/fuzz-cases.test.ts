import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { Bench } from '../fuzz/bench.ts';
import { imageNames, readGolden } from '../fuzz/images.ts';
import { mutationOf, patchOf } from '../fuzz/mutation.ts';
import { fromCase, type KeptCase } from '../fuzz/patch.ts';

jest.setTimeout(120_000);

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');
const kept = join(images, 'fuzz');
const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-fuzz-'));

afterAll(() => rmSync(folder, { recursive: true }));

const benches = new Map<string, Bench>();

function benchOf(image: string): Bench {
  const bench = benches.get(image) ?? new Bench(images, image, folder);
  benches.set(image, bench);
  return bench;
}

/** Written by `npm run fuzz` alone. */
const cases = existsSync(kept)
  ? readdirSync(kept).flatMap((file) => {
      const image = file.slice(0, -'.json'.length);
      const list = JSON.parse(readFileSync(join(kept, file), 'utf8')) as KeptCase[];
      return list.map((one) => [image, one.found, one] as const);
    })
  : [];

describe('a case that fuzzing found', () => {
  test.each(cases)('%s: %s', async (image, _found, one) => {
    expect(imageNames(images)).toContain(image);
    expect((await benchOf(image).judge(fromCase(one))).defects).toEqual([]);
  });
});

describe('images with a few bytes changed', () => {
  // One of each reader, and none that takes long; all of them are for `npm run fuzz`.
  test.each(['ext4-inline.img', 'xfs-v5.img', 'fat12.img', 'root.img', 'system.qcow2', 'system-gnu.tar'])(
    '%s gives its reasons and passes nothing that it cannot read',
    async (image) => {
      const golden = readGolden(images, image);
      const outcomes = new Set<string>();
      for (let round = 0; round < 12; round++) {
        const { outcome, defects } = await benchOf(image).judge(patchOf(golden, mutationOf(golden, 20_261_125, round)));
        expect({ round, defects }).toEqual({ round, defects: [] });
        outcomes.add(outcome);
      }
      // Otherwise the changes do not reach what they should.
      expect(outcomes.size).toBeGreaterThan(1);
    },
  );
});
