import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseConfigFile } from '../src/config/config-file.ts';
import { didYouMean } from '../src/config/did-you-mean.ts';
import { discoverConfig } from '../src/config/discover.ts';
import { intentOf } from '../src/config/intent.ts';
import { type ConfigurationSources, loadConfiguration } from '../src/config/load.ts';
import { selectRules } from '../src/config/select-rules.ts';
import { settingKeys, settings } from '../src/config/settings.ts';
import { isUsageError } from '../src/config/usage-error.ts';
import { parseYaml } from '../src/config/yaml-lines.ts';
import { defineRule, pass } from '../src/engine/define.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'config-')));
afterAll(() => rmSync(scratch, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(scratch, path)), { recursive: true });
  writeFileSync(join(scratch, path), text);
  return join(scratch, path);
}

describe('a configuration file', () => {
  it('takes every setting', () => {
    const text = `
imageType: specialized
storage: managed-disk
generation: 2
profiles: [marketplace, nvme]
scenario: snapshot
intermediate: true
failOn: warning
allowUnknown: true
rootPartition: p2
allowDirty: true
only: [agent]
skip: [agent/presence]
rules:
  agent/service: warning
  cloud-init/switch: off
label: web
plugins: [./rules.js]
`;
    const { settings: found } = parseConfigFile('c.yaml', text);
    expect(found).toEqual({
      imageType: 'specialized',
      storage: 'managed-disk',
      generation: 2,
      profiles: ['marketplace', 'nvme'],
      scenario: 'snapshot',
      intermediate: true,
      failOn: 'warning',
      allowUnknown: true,
      rootPartition: 'p2',
      allowDirty: true,
      only: ['agent'],
      skip: ['agent/presence'],
      rules: { 'agent/service': 'warning', 'cloud-init/switch': 'off' },
      label: 'web',
      plugins: ['./rules.js'],
    });
    expect(Object.keys(found).sort()).toEqual([...settingKeys].sort());
  });

  test.each([
    ['', {}],
    ['# nothing yet\n', {}],
    ['{"storage": "gallery",\n "generation": "auto"}', { storage: 'gallery', generation: 'auto' }],
  ])('reads %j', (text, expected) => {
    expect(parseConfigFile('c.yaml', text).settings).toEqual(expected);
  });

  test.each([
    ['# x\nimagetype: generalized', 'c.yaml:2: unknown key "imagetype"; did you mean "imageType"?'],
    ['x: 1', `c.yaml:1: unknown key "x"; known keys: extends, ${settingKeys.join(', ')}`],
    [
      'storage: galery',
      'c.yaml:1: storage: expected one of gallery, managed-image, managed-disk, found "galery"; did you mean "gallery"?',
    ],
    ['generation: 3', 'c.yaml:1: generation: expected one of 1, 2, auto, found 3'],
    ['allowUnknown: yes', 'c.yaml:1: allowUnknown: expected true or false, found "yes"'],
    ['profiles: nvme', 'c.yaml:1: profiles: expected a list, found "nvme"'],
    [
      'profiles:\n  - nvme\n  - market',
      'c.yaml:3: profiles.1: expected one of marketplace, trusted-launch, nvme, accelerated-networking, found "market"',
    ],
    ['only: [agent, ""]', 'c.yaml:1: only.1: expected a text, found ""'],
    [
      'rules:\n  agent/service: warning\n  agent/presence: eror',
      'c.yaml:3: rules.agent/presence: expected one of off, info, warning, error, found "eror"; did you mean "error"?',
    ],
    ['rules: [a]', 'c.yaml:1: rules: expected rule ids with a severity each, found a list'],
    ['label:', 'c.yaml:1: label: expected a text, found nothing'],
    ['- a', 'c.yaml:1: expected keys with values, such as "imageType: generalized"'],
    ['storage: gallery\nstorage: gallery', 'c.yaml:2: not valid YAML or JSON: duplicated mapping key'],
    ['a: [\n', 'c.yaml:2: not valid YAML or JSON: deficient indentation'],
  ])('refuses %j', (text, message) => {
    expect(() => parseConfigFile('c.yaml', text)).toThrow(message);
  });

  it('is refused only with a usage error, whatever it holds', () => {
    const pieces = fc.constantFrom(
      'rules',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      'a/b',
      'off',
      '"',
      '? ',
      '&x ',
      '*x',
      '#',
      'imageType',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((list) => list.join('')),
        ),
        (text) => {
          try {
            parseConfigFile('c.yaml', text);
          } catch (error) {
            expect(isUsageError(error) ? '' : String(error)).toBe('');
          }
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  it('knows lines inside the text only', () => {
    const document = parseYaml('a:\n  b: [x,\n    y]\n\n\nc: z\n');
    expect([['a'], ['a', 'b'], ['a', 'b', 1], ['a', 'q'], ['c'], ['zz']].map((path) => document.lineOf(path))).toEqual([
      1, 2, 3, 1, 6, 1,
    ]);
  });
});

describe('discovery', () => {
  write('repo/.git/HEAD', '');
  write('repo/.vhd-preflight.yaml', 'label: repo');
  write('repo/sub/.vhd-preflight.yml', 'label: sub');
  write('repo/sub/.vhd-preflight.json', '{"label": "json"}');
  write('repo/sub/deep/x', '');
  write('alone/.git/HEAD', '');
  write('alone/sub/x', '');
  write('.vhd-preflight.yaml', 'label: outside the repository');
  write('xdg/vhd-preflight/config.yaml', 'label: user');
  write('home/.config/vhd-preflight/config.yaml', 'label: home');
  write('named.yaml', 'label: named');
  write('repo/image/etc/os-release', '');
  write('repo/image/.vhd-preflight.yaml', 'label: from the image');

  const find = (
    cwd: string,
    { flag, env = {}, targets = [] }: { flag?: string; env?: Record<string, string>; targets?: string[] } = {},
  ) =>
    discoverConfig(
      flag,
      env,
      join(scratch, cwd),
      targets.map((target) => join(scratch, target)),
    )?.text;

  test.each([
    [
      '--config wins',
      find('repo', { flag: '../named.yaml', env: { VHD_PREFLIGHT_CONFIG: 'no.yaml' } }),
      'label: named',
    ],
    ['then the environment', find('repo', { env: { VHD_PREFLIGHT_CONFIG: '../named.yaml' } }), 'label: named'],
    ['then the nearest file', find('repo/sub/deep'), 'label: sub'],
    ['up to the root of the repository', find('repo'), 'label: repo'],
    ['and not beyond it', find('alone/sub'), undefined],
    [
      'then the user’s own',
      find('alone/sub', { env: { XDG_CONFIG_HOME: join(scratch, 'xdg'), HOME: join(scratch, 'home') } }),
      'label: user',
    ],
    ['or that below the home directory', find('alone', { env: { HOME: join(scratch, 'home') } }), 'label: home'],
    ['an empty variable is none', find('repo', { env: { VHD_PREFLIGHT_CONFIG: '' } }), 'label: repo'],
    ['a relative XDG_CONFIG_HOME is invalid', find('alone', { env: { XDG_CONFIG_HOME: '../xdg' } }), undefined],
    ['a file inside the image is never read', find('repo/image/etc', { targets: ['repo/image'] }), 'label: repo'],
  ])('%s', (_name, found, expected) => {
    expect(found).toBe(expected);
  });

  test('a named file that is missing is an error with its source', () => {
    expect(() => find('repo', { flag: 'no.yaml' })).toThrow('--config: no.yaml: no such file');
    expect(() => find('repo', { env: { VHD_PREFLIGHT_CONFIG: 'no.yaml' } })).toThrow(
      'VHD_PREFLIGHT_CONFIG: no.yaml: no such file',
    );
  });
});

const sources: ConfigurationSources = { flags: {}, environment: {}, cwd: scratch, targets: [], noFile: true };

describe('joining file, environment and flags', () => {
  const file = write(
    'join/.vhd-preflight.yaml',
    'storage: managed-image\nlabel: file\nfailOn: info\nrules: {a/x: info, a/y: info}\n',
  );
  const all = loadConfiguration({
    ...sources,
    noFile: false,
    configFlag: file,
    cwd: dirname(file),
    environment: {
      VHD_PREFLIGHT_LABEL: 'environment',
      VHD_PREFLIGHT_FAIL_ON: 'warning',
      VHD_PREFLIGHT_PROFILE: 'nvme, marketplace',
      VHD_PREFLIGHT_ALLOW_UNKNOWN: '1',
      VHD_PREFLIGHT_RULE: 'a/y=off',
      VHD_PREFLIGHT_ONLY: '',
    },
    flags: { failOn: 'never', rules: ['a/z=error'] },
  });

  it('lets the later win key by key, and rule by rule', () => {
    expect(all.settings).toEqual({
      storage: 'managed-image',
      label: 'environment',
      failOn: 'never',
      profiles: ['nvme', 'marketplace'],
      allowUnknown: true,
      rules: { 'a/x': 'info', 'a/y': 'off', 'a/z': 'error' },
    });
  });

  test.each([
    [['failOn', []], '--fail-on'],
    [['label', []], 'VHD_PREFLIGHT_LABEL'],
    [['storage', []], '.vhd-preflight.yaml:1: storage'],
    [['rules', ['a/x']], '.vhd-preflight.yaml:4: rules'],
    [['rules', ['a/y']], 'VHD_PREFLIGHT_RULE'],
    [['rules', ['a/z']], '--rule'],
  ] as const)('%j comes from %s', ([key, path], origin) => {
    expect(all.originOf(key, path)).toBe(origin);
  });

  test.each([
    [
      { environment: { VHD_PREFLIGHT_STORAGE: 'disk' } },
      'VHD_PREFLIGHT_STORAGE: expected one of gallery, managed-image, managed-disk, found "disk"',
    ],
    [
      { environment: { VHD_PREFLIGHT_ALLOW_UNKNOWN: 'yes' } },
      'VHD_PREFLIGHT_ALLOW_UNKNOWN: expected true or false, found "yes"',
    ],
    [
      { flags: { failOn: 'errors' } },
      '--fail-on: expected one of error, warning, info, never, found "errors"; did you mean "error"?',
    ],
    [{ flags: { rules: ['a/b'] } }, '--rule: expected ID=LEVEL, such as agent/installed=warning, found "a/b"'],
    [{ environment: { VHD_PREFLIGHT_RULE: 'a/b=off=x' } }, 'VHD_PREFLIGHT_RULE: expected ID=LEVEL'],
  ])('names the source of a bad value: %j', (more, message) => {
    expect(() => loadConfiguration({ ...sources, ...more })).toThrow(message);
  });

  it('warns of a variable that nearly has one of our names', () => {
    const { warnings } = loadConfiguration({
      ...sources,
      environment: { VHD_PREFLIGHT_IMAGETYPE: 'x', VHD_PREFLIGHT_ORACLES: 'x', OTHER: 'x' },
    });
    expect(warnings).toEqual([
      'the environment variable VHD_PREFLIGHT_IMAGETYPE is unknown; did you mean VHD_PREFLIGHT_IMAGE_TYPE?',
    ]);
  });

  it('has a flag and a variable of its own for every setting', () => {
    const names = settingKeys.flatMap((key) => [settings[key].flag, settings[key].environment]);
    expect(new Set(names).size).toBe(2 * settingKeys.length);
  });
});

describe('intent', () => {
  test.each([
    [{}, { imageType: 'generalized', imageTypeDeclared: false, storage: 'gallery', profiles: [] }],
    [
      { storage: 'managed-disk' },
      { imageType: 'specialized', imageTypeDeclared: true, storage: 'managed-disk', profiles: [] },
    ],
    [
      { storage: 'managed-disk', imageType: 'generalized' },
      { imageType: 'generalized', imageTypeDeclared: true, storage: 'managed-disk', profiles: [] },
    ],
    [
      { generation: 2, scenario: 'snapshot', profiles: ['nvme', 'marketplace', 'nvme'] },
      {
        imageType: 'generalized',
        imageTypeDeclared: false,
        storage: 'gallery',
        generation: 2,
        scenario: 'snapshot',
        profiles: ['marketplace', 'nvme'],
      },
    ],
    [{ generation: 'auto' }, { imageType: 'generalized', imageTypeDeclared: false, storage: 'gallery', profiles: [] }],
  ] as const)('%j', (given, expected) => {
    expect(intentOf(given)).toEqual(expected);
  });
});

describe('selection of rules', () => {
  const rule = (id: string) =>
    defineRule({
      id,
      title: '',
      severity: 'error',
      rationale: '',
      remediation: '',
      references: [],
      covers: [],
      lisa: [],
      needs: [],
      appliesTo: {},
      facts: {},
      check: () => pass(),
    });
  const rules = ['agent/mode', 'agent/presence', 'network/dns'].map(rule);
  const select = (given: object) => {
    const selected = selectRules(rules, loadConfiguration({ ...sources, flags: given }));
    return { ids: selected.rules.map(({ id }) => id), leftOut: selected.leftOut, severities: [...selected.severities] };
  };

  test.each([
    [{}, ['agent/mode', 'agent/presence', 'network/dns']],
    [{ only: ['agent'] }, ['agent/mode', 'agent/presence']],
    [{ only: ['agent', 'network/dns'], skip: ['agent/mode'] }, ['agent/presence', 'network/dns']],
    [{ rules: ['agent/mode=off'] }, ['agent/presence', 'network/dns']],
  ])('%j', (given, ids) => {
    const selected = select(given);
    expect(selected.ids).toEqual(ids);
    expect([...selected.ids, ...selected.leftOut].sort()).toEqual(rules.map(({ id }) => id));
  });

  it('hands on the severities of rules that stay', () => {
    expect(select({ rules: ['agent/mode=off', 'network/dns=info'] }).severities).toEqual([['network/dns', 'info']]);
  });

  test.each([
    [{ only: ['agnet'] }, '--only: no rule or area is called "agnet"; did you mean "agent"?'],
    [{ skip: ['xyzxyz'] }, '--skip: no rule or area is called "xyzxyz"; areas: agent, network'],
    [{ rules: ['agent/mod=off'] }, '--rule: no rule is called "agent/mod"; did you mean "agent/mode"?'],
    [{ only: ['agent'], skip: ['agent'] }, 'no rule is left to run'],
  ])('refuses %j', (given, message) => {
    expect(() => select(given)).toThrow(message);
  });
});

test('a suggestion is made only for what is near, or is a part of the name', () => {
  const ids = ['agent/presence', 'cloud-init/switch'];
  expect(['agent/presense', 'presence', 'qqqqqqq', ''].map((word) => didYouMean(word, ids))).toEqual([
    '; did you mean "agent/presence"?',
    '; did you mean "agent/presence"?',
    '',
    '',
  ]);
});
