import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Scan } from '../../src/engine/scan.ts';
import { readPresets } from '../../src/facts/unit-files/presets.ts';
import { type UnitFiles, unitFiles } from '../../src/facts/unit-files.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { testHost } from '../../src/testing/image.ts';
import { describeOracle, oracleRoot, runProgram } from './oracle.ts';

const systemctl = 'usr/bin/systemctl';

const unitNames = [
  'a.service',
  'b.service',
  'g-h.service',
  'c.socket',
  'e.target',
  'f.mount',
  'd@.service',
  'd@1.service',
  'd@x.service',
  'i@.service',
];
const directories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
];
const contents = [
  '',
  '# nothing\n',
  '[Unit]\nDescription=x\n',
  '[Install]\nWantedBy=e.target\n',
  '[Install]\nWantedBy=e.target\nWantedBy=\n',
  '[Install]\nAlias=b.service i@.service\n',
  '[Install]\nRequiredBy=e.target\nAlias="a.service"\n',
  '[Install]\nAlso=b.service\n',
  '[Install]\nAlso=not a unit\n',
  '[Install]\nWantedBy=e.target\nDefaultInstance=1\n',
  '[Install]\n; comment\n  WantedBy = \\\n# between\n e.target\n',
  '[Install]\nWantedBy\n',
  '[Install\nWantedBy=e.target\n',
  'WantedBy=e.target\n',
];

type Sample = readonly (readonly [
  path: string,
  content: string | { readonly link: string } | { readonly dir: true },
])[];

const name = fc.constantFrom(...unitNames);
const directory = fc.constantFrom(...directories);
const target = fc.oneof(
  fc.constantFrom('/dev/null', '/absent', '../../../dev/null', '.'),
  name,
  fc.tuple(directory, name).map((parts) => parts.join('/')),
  name.map((unit) => `../../../usr/lib/systemd/system/${unit}`),
  name.map((unit) => `/opt/units/${unit}`),
);
const content = fc.constantFrom(...contents);
const link = target.map((to) => ({ link: to }));
const path = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((names) => names.join('/'));
const dependencies = fc.constantFrom('e.target.wants', 'a.service.requires', 'x.wants');

const entry = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(path(directory, name), content) },
  { weight: 4, arbitrary: fc.tuple(path(directory, name), link) },
  { weight: 4, arbitrary: fc.tuple(path(directory, dependencies, name), link) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      path(
        directory,
        name.map((unit) => `${unit}.d`),
        fc.constantFrom('1.conf', '2.conf', 'x'),
      ),
      content,
    ),
  },
  { weight: 2, arbitrary: fc.tuple(path(fc.constant('/opt/units'), name), content) },
  { weight: 1, arbitrary: fc.tuple(path(directory, name), fc.constant({ dir: true } as const)) },
);
const tree: fc.Arbitrary<Sample> = fc.array(entry, { minLength: 1, maxLength: 14 });

/** Writes the sample; of two entries for one place the first stays. */
function write(root: string, sample: Sample): void {
  for (const [at, what] of sample) {
    const host = join(root, at);
    mkdirSync(dirname(host), { recursive: true });
    if (lstatSync(host, { throwIfNoEntry: false })) continue;
    if (typeof what === 'string') writeFileSync(host, what);
    else if ('dir' in what) mkdirSync(host);
    else symlinkSync(what.link, host);
  }
}

function factOver(root: string): Promise<UnitFiles> {
  return new Scan(new TreeRootFs(new DirectoryTree(root)), testHost).get(unitFiles);
}

const installable = '[Install]\nWantedBy=e.target\n';
/** systemd names the file of each unknown key as it reads on. */
const setting = '[Service]\nBogus=1\n';

const presetPattern = fc.oneof(
  name,
  fc.constantFrom('*', 'a*', '*.service', 'd@*', 'd@?.service', '[ab].service', 'd@.service 1', '*e.*'),
);
const presetLine = fc.oneof(
  fc.tuple(fc.constantFrom('enable', 'disable', ' enable', 'disable\t'), presetPattern).map((words) => words.join(' ')),
  fc.constantFrom('# enable *', 'enabled *', 'disable', '; x'),
);
const presetTree: fc.Arbitrary<Sample> = fc.array(
  fc.tuple(
    path(
      fc.constantFrom('/etc/systemd', '/usr/lib/systemd'),
      fc.constantFrom('system-preset/10-a.preset', 'system-preset/90-b.preset', 'system-preset/x'),
    ),
    fc.array(presetLine, { maxLength: 4 }).map((lines) => `${lines.join('\n')}\n`),
  ),
  { maxLength: 4 },
);

const dropInNames = [
  'a-b-c@i.service',
  'a-b-c@.service',
  'a-b-@i.service',
  'a-b-@.service',
  'a-@.service',
  'a-.service',
  'service',
];
const dropInTree: fc.Arbitrary<Sample> = fc.array(
  fc.tuple(
    path(
      directory,
      fc.constantFrom(...dropInNames).map((unit) => `${unit}.d`),
      fc.constantFrom('1.conf', '2.conf', '3.conf'),
    ),
    fc.constant(setting),
  ),
  { maxLength: 12 },
);

/** Names that are in a unit directory with their state, or `bad` where systemctl has none. */
function listed(root: string): Record<string, string> {
  return Object.fromEntries(listUnitFiles(root).map((fields) => fields.slice(0, 2)));
}

/** Name, state and preset of each unit file. */
function listUnitFiles(root: string): string[][] {
  const { stdout } = runProgram(systemctl, [
    `--root=${root}`,
    'list-unit-files',
    '--plain',
    '--full',
    '--no-legend',
    '--no-pager',
  ]);
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/));
}

/** States in the order of the names; systemctl stops at the first name that it cannot find. */
function isEnabled(root: string, names: readonly string[]): string[] {
  const { stdout } = runProgram(systemctl, [`--root=${root}`, 'is-enabled', ...names]);
  return stdout.split('\n').filter((line) => line !== '');
}

function stateOf(units: UnitFiles, unit: string): string {
  const { state } = units.state(unit);
  return state === 'absent' ? 'bad' : state;
}

describeOracle('unit files against systemd', 'systemctl', [systemctl, 'usr/bin/systemd-analyze'], () => {
  it('agree on generated trees', async () => {
    const samples = fc.sample(tree, { numRuns: 120, seed: 20260101 });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-units-'));
    try {
      for (const [index, sample] of samples.entries()) {
        const root = join(folder, String(index));
        mkdirSync(root);
        write(root, sample);
        const units = await factOver(root);
        const expected = listed(root);
        const actual = Object.fromEntries(Object.keys(expected).map((unit) => [unit, stateOf(units, unit)]));
        // Names without a file of their own: instances of templates, and what is not there at all.
        const others = unitNames.filter((unit) => !(unit in expected));
        const found = others.filter((unit) => stateOf(units, unit) !== 'bad');
        const missing = others.filter((unit) => units.state(unit).state === 'absent').slice(0, 1);
        expect({ sample, states: actual }).toEqual({ sample, states: expected });
        if (found.length + missing.length === 0) continue;
        expect({ sample, states: found.map((unit) => stateOf(units, unit)) }).toEqual({
          sample,
          states: isEnabled(root, [...found, ...missing]),
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('agree on what presets say', () => {
    const samples = fc.sample(presetTree, { numRuns: 40, seed: 20260102 });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-presets-'));
    try {
      for (const [index, sample] of samples.entries()) {
        const root = join(folder, String(index));
        mkdirSync(root);
        write(root, [...unitNames.map((unit) => [`/usr/lib/systemd/system/${unit}`, installable] as const), ...sample]);
        const query = readPresets(new TreeRootFs(new DirectoryTree(root)));
        const expected = Object.fromEntries(listUnitFiles(root).map(([unit = '', , preset]) => [unit, preset]));
        const actual = Object.fromEntries(
          Object.keys(expected).map((unit) => [unit, query(unit).action === 'enable' ? 'enabled' : 'disabled']),
        );
        expect({ sample, presets: actual }).toEqual({ sample, presets: expected });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it('agree on the order of drop-ins', async () => {
    const samples = fc.sample(dropInTree, { numRuns: 40, seed: 20260103 });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-drop-ins-'));
    try {
      for (const [index, sample] of samples.entries()) {
        const root = join(folder, String(index));
        mkdirSync(root);
        write(root, [['/usr/lib/systemd/system/a-b-c@.service', setting], ...sample]);
        const units = await factOver(root);
        const { stderr } = runProgram(
          'usr/bin/systemd-analyze',
          ['verify', '--man=no', '--generators=no', 'a-b-c@i.service'],
          {
            env: { SYSTEMD_UNIT_PATH: directories.map((path) => root + path).join(':') },
          },
        );
        const expected = [...stderr.matchAll(/^(\/.*):2: Unknown key/gm)].map((match) =>
          String(match[1]).replace(root, ''),
        );
        const actual = units.settings('a-b-c@i.service').map(({ evidence }) => evidence.path);
        expect({ sample, files: actual }).toEqual({ sample, files: expected });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it('agree on every unit of a Debian system', async () => {
    const units = await factOver(oracleRoot);
    const expected = listed(oracleRoot);
    expect(Object.keys(expected).length).toBeGreaterThan(100);
    expect(Object.fromEntries(units.names.map((unit) => [unit, stateOf(units, unit)]))).toEqual(expected);
  }, 60_000);
});
