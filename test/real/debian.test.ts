import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dump, load } from 'js-yaml';
import { materialize } from '../../src/testing/materialize.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';
import { mutations } from './mutations.ts';
import { deprovision, removeBuildMachine, specialize, useAsBuildMachine } from './recipes.ts';
import { lint, realRoot, type Scan, type Stage, Workshop } from './stages.ts';

interface Expected {
  readonly exit: number;
  readonly 'first-boot': string;
  readonly findings: readonly string[];
  readonly unknown?: readonly string[];
}

const expectedPath = join(import.meta.dirname, 'expected.yaml');
const text = readFileSync(expectedPath, 'utf8');
// A file of this suite; a wrong shape fails the comparison.
const expected = load(text) as Readonly<Record<string, Expected>>;

const generalized = ['--image-type', 'generalized'];
const specialized = ['--image-type', 'specialized'];
const managedDisk = ['--image-type', 'specialized', '--storage', 'managed-disk'];
const advice = 'scan as a user who may read it, or scan a copy that belongs to you';

/** A scan in the form of expected.yaml. */
function summary({ exitCode, firstBoot, findings, unknown, crashed }: Scan): unknown {
  return {
    exit: exitCode,
    'first-boot': firstBoot,
    findings,
    ...(unknown.length > 0 && { unknown: unknown.map((line) => line.slice(0, line.indexOf(':'))) }),
    ...(crashed.length > 0 && { crashed }),
  };
}

const found: Record<string, unknown> = {};

/** Compares a scan with what expected.yaml says about the stage of that name, and keeps it for `accept`. */
function expectStage(name: string, scan: Scan): void {
  found[name] = summary(scan);
  if (!accepting) expect(found[name]).toEqual(expected[name]);
}

const accepting = process.env['VHD_PREFLIGHT_ACCEPT'] === '1';

/** Rewrites expected.yaml below its heading. */
function accept(): void {
  const [heading] = text.split(/^(?!#)/m);
  const stages = Object.entries(found).map((stage) => dump(Object.fromEntries([stage]), { lineWidth: -1 }));
  writeFileSync(expectedPath, [`${heading}`, ...stages].join('\n'));
}

const minutes = (count: number): number => count * 60_000;

if (realRoot !== undefined) scanRealImage(realRoot);
else {
  const reason = 'left out: `npm run test:real` as root builds and scans it';
  process.stderr.write(`a real Debian image: ${reason}\n`);
  describe('a real Debian image', () => test.skip(reason, () => undefined));
  describe('fixtures in place of a real Debian image', scanFixtures);
}

function scanRealImage(base: string): void {
  let workshop: Workshop;
  let stages: Readonly<Record<'generalized' | 'used' | 'deprovisioned' | 'cleaned' | 'specialized', Stage>>;

  beforeAll(() => {
    workshop = new Workshop();
    const twoCommands = workshop.stage([base], deprovision);
    const used = workshop.stage([base], useAsBuildMachine);
    const deprovisioned = workshop.stage(used.layers, deprovision);
    const cleaned = workshop.stage(deprovisioned.layers, removeBuildMachine);
    stages = {
      generalized: twoCommands,
      used,
      deprovisioned,
      cleaned,
      specialized: workshop.stage([base], specialize),
    };
  }, minutes(5));
  afterAll(() => {
    workshop.close();
    if (accepting) accept();
  });

  describe('a real Debian image, scanned as root', () => {
    test.each<[string, () => string, readonly string[]]>([
      ['as built', () => base, []],
      ['generalized', () => stages.generalized.path, []],
      ['generalized, declared specialized', () => stages.generalized.path, specialized],
      ['used as a build machine', () => stages.used.path, []],
      ['used as a build machine, declared generalized', () => stages.used.path, generalized],
      ['used as a build machine, declared specialized', () => stages.used.path, specialized],
      ['used, then deprovisioned with two commands', () => stages.deprovisioned.path, []],
      ['used, deprovisioned and cleaned by hand', () => stages.cleaned.path, []],
      ['specialized, for a gallery', () => stages.specialized.path, specialized],
      ['specialized, on a managed disk', () => stages.specialized.path, managedDisk],
      ['specialized, declared generalized', () => stages.specialized.path, generalized],
    ])('%s: these findings and no others', (name, path, args) => {
      expectStage(name, lint(path(), args));
    });
  });

  describe('a real Debian image, scanned by a user without rights', () => {
    test.each<[string, () => Stage, readonly string[]]>([
      ['generalized, read by nobody', () => stages.generalized, []],
      ['specialized, read by nobody', () => stages.specialized, specialized],
    ])('%s: each rule that cannot be decided says what to do', (name, stage, args) => {
      const scan = workshop.lintAsNobody(stage().path, args);
      expectStage(name, scan);
      for (const reason of scan.unknown) expect(reason).toContain(advice);
    });

    test.each<[string, () => Stage, readonly string[]]>([
      ['generalized', () => stages.generalized, []],
      ['specialized', () => stages.specialized, specialized],
    ])('%s, unpacked by that user: what root finds', (_name, stage, args) => {
      const unpacked = workshop.unpackedByNobody(stage());
      const own = workshop.lintAsNobody(unpacked, args);
      rmSync(unpacked, { recursive: true });
      expect(own).toEqual(lint(stage().path, args));
      expect(own).toMatchObject({ exitCode: 0, errors: 0 });
    });
  });

  describe('a real Debian image, generalized, then', () => {
    test.each(mutations.map((mutation) => [mutation.name, mutation] as const))('%s', (_name, mutation) => {
      const changed = workshop.stage(stages.generalized.layers, mutation.script);
      const { exitCode, findings, unknown, crashed } = lint(changed.path);
      workshop.discard(changed);
      const added = findings.filter((line) => !expected['generalized']?.findings.includes(line));
      const rules = added.map((line) => line.split(': ', 2).join(': '));
      expect({ exitCode, findings: rules, unknown, crashed }).toEqual({
        exitCode: mutation.exitCode,
        findings: mutation.findings,
        unknown: [],
        crashed: [],
      });
    });
  });
}

function scanFixtures(): void {
  let folder: string;
  const fixture = (name: string): string => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-'));
    for (const name of ['debian-12', 'debian-12-specialized']) {
      mkdirSync(fixture(name));
      materialize(readBaseTree(join(import.meta.dirname, '../../fixtures/roots'), name), fixture(name));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<[string, string, readonly string[]]>([
    ['generalized', 'debian-12', []],
    ['specialized, for a gallery', 'debian-12-specialized', specialized],
    ['specialized, on a managed disk', 'debian-12-specialized', managedDisk],
  ])('%s passes without an error', (_name, name, args) => {
    expect(lint(fixture(name), args)).toMatchObject({
      exitCode: 0,
      verdict: 'pass',
      errors: 0,
      unknown: [],
      crashed: [],
    });
  });

  test.each<[string, string, readonly string[]]>([
    ['generalized, declared specialized', 'debian-12', specialized],
    ['specialized, declared generalized', 'debian-12-specialized', generalized],
  ])('%s fails', (_name, name, args) => {
    expect(lint(fixture(name), args)).toMatchObject({ exitCode: 1, verdict: 'fail' });
  });
}
