import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import type { ImageReport, Result } from '../../src/engine/model.ts';
import {
  buildDisk,
  type Container,
  containers,
  inContainer,
  type Layout,
  lacking,
  layouts,
  mountedDisk,
  outcomeOf,
} from './disks.ts';
import { deprovision, specialize } from './recipes.ts';
import { realRoot, reportOf, scanOf, Workshop } from './stages.ts';

const MiB = 1024 * 1024;

/** States of the image: the shell script that makes each, how it is judged, and what expected.yaml calls it. */
const states = {
  'as-built': { recipe: undefined, args: [], expected: 'as built' },
  generalized: { recipe: deprovision, args: [], expected: 'generalized' },
  specialized: {
    recipe: specialize,
    args: ['--image-type', 'specialized'],
    expected: 'specialized, for a gallery',
  },
} as const;
type State = keyof typeof states;

/**
 * Rules that files can decide, but that know more where there is a disk: which generations it boots, and what really
 * answers to the names in fstab. For each, its outcome for the directory and for the disk.
 */
const decidedBetterByDisk = (layout: Layout): Readonly<Record<string, readonly [directory: string, disk: string]>> => ({
  'boot/bios-modules': ['not-applicable', 'not-applicable'],
  'boot/uefi-fallback-loader': ['not-applicable', 'not-applicable'],
  'gallery/generation': ['not-applicable', 'pass'],
  'storage/esp-mount': ['not-applicable', 'not-applicable'],
  // A PARTUUID in fstab cannot be compared with a UUID in root= without the disk.
  'storage/root-entry': [layout === 'ext4' ? 'not-applicable' : 'pass', 'pass'],
});

/** What the rules say that only a disk can answer, of a good one in the container that Azure takes. */
const goodDisk: Readonly<Record<string, string>> = {
  'image-file/ephemeral-size': 'pass',
  'image-file/file-length': 'pass',
  'image-file/file-name': 'not-applicable',
  'image-file/fixed-type': 'pass',
  'image-file/footer': 'pass',
  'image-file/format': 'pass',
  'image-file/gallery-size': 'pass',
  'image-file/generation-1-size': 'not-applicable',
  'image-file/generation-2-size': 'pass',
  'image-file/os-disk-size': 'pass',
  'image-file/sector-size': 'pass',
  'image-file/virtual-size': 'pass',
  'partitioning/bios-boot': 'not-applicable',
  'partitioning/bios-loader': 'not-applicable',
  'partitioning/clean-file-systems': 'pass',
  'partitioning/esp': 'not-applicable',
  'partitioning/first-mib': 'not-applicable',
  'partitioning/gpt': 'pass',
  'partitioning/plain-partitions': 'pass',
  'partitioning/single-root': 'not-applicable',
  'partitioning/volume-group': 'not-applicable',
};

/** Where a layout differs from that. LVM is worth a word, as clones share the names of its groups, and as RHEL's no defect. */
const ofLayout: Readonly<Record<Layout, Readonly<Record<string, string>>>> = {
  ext4: {},
  'xfs-lvm': { 'partitioning/plain-partitions': 'fail: info', 'partitioning/volume-group': 'pass' },
  btrfs: {},
};

/** And a state: an ephemeral OS disk is made of a generalized image. */
const ofState: Readonly<Record<State, Readonly<Record<string, string>>>> = {
  'as-built': {},
  generalized: {},
  specialized: { 'image-file/ephemeral-size': 'not-applicable' },
};

/** Where a container differs from it: all but one have to be converted before the upload. */
const noVhd = {
  'image-file/file-length': 'not-applicable',
  'image-file/fixed-type': 'not-applicable',
  'image-file/footer': 'not-applicable',
  'image-file/format': 'fail: error',
};
const ofContainer: Readonly<Record<Container, Readonly<Record<string, string>>>> = {
  raw: noVhd,
  'fixed VHD': {},
  'dynamic VHD': { 'image-file/file-length': 'not-applicable', 'image-file/fixed-type': 'fail: error' },
  VHDX: noVhd,
  qcow2: noVhd,
};

/** Rules that one generation alone is judged by, which all pass on a disk that boots both. */
const ofGeneration: Readonly<Record<1 | 2, readonly string[]>> = {
  1: ['boot/bios-modules', 'image-file/generation-1-size', 'partitioning/bios-boot', 'partitioning/bios-loader'],
  2: ['boot/uefi-fallback-loader', 'image-file/generation-2-size', 'partitioning/esp', 'partitioning/gpt'],
};

const minutes = (count: number): number => count * 60_000;

function byRule({ results }: ImageReport): ReadonlyMap<string, Result> {
  return new Map(results.map((result) => [result.ruleId, result]));
}

/** Results by rule, of some rules. */
function pick(report: ImageReport, isWanted: (rule: string) => boolean): Readonly<Record<string, Result>> {
  return Object.fromEntries([...byRule(report)].filter(([rule]) => isWanted(rule)).sort());
}

function outcomes(report: ImageReport, isWanted: (rule: string) => boolean): Readonly<Record<string, string>> {
  const wanted = Object.entries(pick(report, isWanted));
  return Object.fromEntries(wanted.map(([rule, result]) => [rule, outcomeOf(result)]));
}

function scanDisks(base: string): void {
  const text = readFileSync(join(import.meta.dirname, 'expected.yaml'), 'utf8');
  // A file of this suite; a wrong shape fails the comparison.
  const expected = load(text) as Readonly<Record<string, { readonly findings: readonly string[] }>>;
  let workshop: Workshop;
  let scratch: string;
  const roots = new Map<State, string>();

  beforeAll(() => {
    workshop = new Workshop();
    scratch = mkdtempSync(workshop.folder('disks-'));
    for (const [state, { recipe }] of Object.entries(states))
      roots.set(state as State, recipe === undefined ? base : workshop.stage([base], recipe).path);
  }, minutes(5));
  afterAll(() => workshop.close());

  describe.each(layouts.flatMap((layout) => (Object.keys(states) as State[]).map((state) => [layout, state] as const)))(
    'a real Debian image on a disk with %s, %s',
    (layout, state) => {
      const { args } = states[state];
      let image: string;
      let directory: ImageReport;

      beforeAll(() => {
        image = buildDisk(layout, state, roots.get(state) ?? base);
        directory = mountedDisk(image, scratch, (top) => reportOf(top, args).image);
      }, minutes(5));

      test('mounted by the kernel: what the root itself has, on volumes of its own', () => {
        expect(scanOf(directory, 0)).toMatchObject({
          findings: expected[states[state].expected]?.findings,
          unknown: [],
          crashed: [],
        });
      });

      test.each(Object.keys(containers) as Container[])(
        '%s: every result is that of the mounted files',
        (container) => {
          const { image: disk, exitCode } = inContainer(image, container, scratch, (file) => reportOf(file, args));
          const better = decidedBetterByDisk(layout);
          const isBetter = (rule: string) => rule in better;
          const isDisks = (rule: string) => byRule(directory).get(rule)?.outcome === 'skipped';
          const isShared = (rule: string) => !isBetter(rule) && !isDisks(rule);
          expect(pick(disk, isShared)).toEqual(pick(directory, isShared));
          for (const [index, report] of [directory, disk].entries())
            expect(outcomes(report, isBetter)).toEqual(
              Object.fromEntries(Object.entries(better).map(([rule, wanted]) => [rule, wanted[index]])),
            );
          expect(outcomes(disk, isDisks)).toEqual({
            ...goodDisk,
            ...ofLayout[layout],
            ...ofState[state],
            ...ofContainer[container],
          });
          expect(disk).toMatchObject({ kind: 'disk', internalErrors: [], firstBoot: directory.firstBoot });
          expect(disk.system).toEqual({ ...directory.system, generation: [1, 2] });
          expect(exitCode).toBe(container === 'fixed VHD' ? 0 : 1);
        },
      );
    },
  );

  describe.each(layouts)('a real Debian image on a disk with %s, as fixed VHD', (layout) => {
    const scan = (...args: readonly string[]) => {
      const image = buildDisk(layout, 'generalized', roots.get('generalized') ?? base);
      return inContainer(image, 'fixed VHD', scratch, (file) => reportOf(file, args));
    };

    test.each([1, 2] as const)('boots generation %i', (generation) => {
      const { image, exitCode } = scan('--generation', String(generation));
      const wanted = ofGeneration[generation];
      expect(outcomes(image, (rule) => wanted.includes(rule))).toEqual(
        Object.fromEntries(wanted.map((rule) => [rule, 'pass'])),
      );
      expect(exitCode).toBe(0);
    });

    test('takes little reading where no initramfs has to be opened', () => {
      const { stats } = scan(...opensInitramfs.flatMap((rule) => ['--skip', rule])).image;
      expect(stats.imageBytesRead).toBeLessThan(4 * MiB);
      expect(stats.imageReads).toBeLessThan(700);
    });
  });
}

/** Rules that need it opened, where the kernel of the image has its drivers as modules. */
const opensInitramfs = [
  'boot/initramfs-network-drivers',
  'boot/initramfs-storage-drivers',
  'kernel/hyperv-drivers-allowed',
  'kernel/vfat-allowed',
  'storage/nvme-initramfs-drivers',
];

const reason = realRoot === undefined ? '`npm run test:real` as root builds and scans them' : lacking();
if (realRoot !== undefined && reason === undefined) scanDisks(realRoot);
else {
  const sentence = `left out: ${realRoot === undefined ? reason : `they need ${reason}`}`;
  process.stderr.write(`a real Debian image on disks: ${sentence}\n`);
  describe('a real Debian image on disks', () => test.skip(sentence, () => undefined));
}
