import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataSourceSearchInput, runDsIdentify, searchDataSource } from '../../src/formats/ds-identify.ts';
import { readDsIdentifyEnvironment } from '../../src/formats/ds-identify-environment.ts';
import {
  isAtLeast,
  oddlySpacedLists,
  parsePolicy,
  parseYamlArray,
  readDsIdentifyConfig,
  type ScanDialect,
  scanDatasourceList,
  scanDialect,
  scanDialectOfScript,
  traitsOfScript,
  versionNumbers,
} from '../../src/formats/ds-identify-scan.ts';

const evidence = { path: '/boot/grub/grub.cfg', line: 1 };

/** Search with one drop-in. */
function search(text: string, options: Partial<DataSourceSearchInput> = {}) {
  return searchDataSource({ version: '25.1', files: [{ path: '90.cfg', text }], ...options });
}

describe('datasource_list', () => {
  test.each<[string, string, string | undefined, string]>([
    ['one entry', 'datasource_list: [ Azure ]\n', '22.4.2', 'azure'],
    ['one entry without blanks', 'datasource_list: [Azure]\n', undefined, 'azure'],
    ['None alone', 'datasource_list: [ None ]\n', '22.4.2', 'other'],
    ['NoCloud and None', 'datasource_list: [NoCloud, None]\n', '24.4', 'other'],
    ['other clouds', 'datasource_list: [Ec2, GCE]\n', '24.4', 'other'],
    ['Azure among others', 'datasource_list: [NoCloud, Azure, None]\n', '22.4.2', 'azure'],
    ['Azure in another case', 'datasource_list: [azure]\n', '22.4.2', 'other'],
    ['a bare word', 'datasource_list: NoCloud\n', '22.4.2', 'other'],
    ['an empty list', 'datasource_list: [ ]\n', '22.4.2', 'azure'],
    ['a block list', 'datasource_list:\n  - NoCloud\n', '22.4.2', 'azure'],
    ['a block list, read by 24.2', 'datasource_list:\n  - NoCloud\n', '24.2', 'azure'],
    ['a block list, misread by 23.4', 'datasource_list:\n  - Azure\n', '23.4', 'other'],
    ['a block list with a blank behind the colon, read by 23.4', 'datasource_list: \n  - Azure\n', '23.4', 'azure'],
    ['a block list, read again by 23.4.2', 'datasource_list:\n  - NoCloud\n', '23.4.2', 'azure'],
    ['several lines', 'datasource_list: [\n  NoCloud\n]\n', '22.4.2', 'azure'],
    ['a comment', '#datasource_list: [ None ]\n', '22.4.2', 'azure'],
    ['a comment behind it', 'datasource_list: [ Azure ] # [ None ]\n', '22.4.2', 'azure'],
    ['a blank before the colon, unseen up to 24.1', 'datasource_list : [ None ]\n', '24.1.3', 'azure'],
    ['a blank before the colon, seen from 24.2', 'datasource_list : [ None ]\n', '24.2', 'other'],
    ['quotes, unseen up to 24.1', '"datasource_list": [ None ]\n', '24.1', 'azure'],
    ['quotes, seen from 24.2', '"datasource_list": [ None ]\n', '24.2', 'other'],
    ['two blanks behind the colon, from 24.2', 'datasource_list:  [ None ]\n', '24.2', 'other'],
    [
      'the content of a file to write',
      'write_files:\n- content: |\n    datasource_list: [ None ]\n',
      '22.4.2',
      'other',
    ],
    ['no line break at the end, unseen up to 24.1', 'datasource_list: [ None ]', '22.4.2', 'azure'],
    ['no line break at the end, seen from 24.2', 'datasource_list: [ None ]', '24.2', 'other'],
    ['a list without names', 'datasource_list: [ , ]\n', '25.1', 'other'],
    ['an unknown version', 'datasource_list : [ None ]\n', undefined, 'other'],
    ['a packaged version', 'datasource_list : [ None ]\n', '1:24.1.3-0ubuntu1', 'azure'],
  ])('%s', (_, text, version, result) => {
    const { version: __, ...rest } = { version, files: [{ path: '90.cfg', text }] };
    expect(searchDataSource({ ...rest, ...(version !== undefined && { version }) }).result).toBe(result);
  });

  test('the last line of all files wins', () => {
    const files = [
      { path: 'cloud.cfg', text: 'datasource_list: [ None ]\n' },
      { path: '90.cfg', text: 'a: 1\ndatasource_list: [ NoCloud ]\ndatasource_list: [ Azure ]\n' },
    ];
    expect(searchDataSource({ version: '22.4', files })).toMatchObject({
      result: 'azure',
      list: ['Azure'],
      decidedBy: 'datasource-list',
      evidence: [{ path: '90.cfg', line: 3, text: 'datasource_list: [ Azure ]' }],
    });
  });

  test.each([
    ['22.4.2', 'datasource_list : [ Azure ]\n', 1],
    ['22.4.2', 'datasource_list:  [ Azure ]\n', 1],
    ['22.4.2', 'datasource_list: [ Azure ]\ndatasource_list:\n - Azure\n', 0],
    ['22.4.2', '# datasource_list : [ Azure ]\n', 0],
    ['24.2', 'datasource_list : [ Azure ]\n', 0],
  ])('of version %s: %j has %i oddly spaced lines', (version, text, count) => {
    expect(search(text, { version }).oddSpacing).toHaveLength(count);
  });
});

describe('overrides', () => {
  const config = (text: string) => ({ config: { path: '/etc/cloud/ds-identify.cfg', text } });
  const commandLine = (text: string) => ({ commandLine: { text, evidence } });
  test.each<[string, Partial<DataSourceSearchInput>, string, string]>([
    ['policy: disabled', config('policy: disabled\n'), 'disabled', 'ds-identify-config'],
    ['policy: enabled', config('policy: enabled\n'), 'azure', 'ds-identify-config'],
    ['policy: report', config('policy: report\n'), 'azure', 'datasource-list'],
    [
      'the default policy',
      config('policy: search,found=all,maybe=none,notfound=disabled\n'),
      'azure',
      'datasource-list',
    ],
    ['datasource: NoCloud', config('datasource: NoCloud\n'), 'other', 'ds-identify-config'],
    ['datasource: Azure', config('datasource: Azure # ours\n'), 'azure', 'ds-identify-config'],
    ['a list that holds Azure', config('datasource: "NoCloud, Azure"\n'), 'azure', 'ds-identify-config'],
    ['a commented line', config('#policy: disabled\n'), 'azure', 'datasource-list'],
    ['ci.ds=', commandLine('ro ci.ds=None'), 'other', 'kernel-command-line'],
    ['ci.datasource=', commandLine('ci.datasource=Azure'), 'azure', 'kernel-command-line'],
    ['ds= from 23.2 on', commandLine('ds=nocloud;s=http://h/'), 'other', 'kernel-command-line'],
    ['ci.di.policy=', commandLine('ci.di.policy=disabled'), 'disabled', 'kernel-command-line'],
    [
      'the command line over the file',
      { ...config('policy: disabled\n'), ...commandLine('ci.di.policy=search') },
      'azure',
      'datasource-list',
    ],
    ['cc:', commandLine("cc:{'datasource_list':['NoCloud']}"), 'other', 'kernel-command-line'],
    ['cc: behind a blank', commandLine(" cc:{'datasource_list':['NoCloud']}"), 'other', 'kernel-command-line'],
    ['a list without cc:', commandLine('x={datasource_list:[NoCloud]}'), 'azure', 'datasource-list'],
    ['another parameter', commandLine('console=ttyS0 initds=none'), 'azure', 'datasource-list'],
  ])('%s', (_, options, result, decidedBy) => {
    expect(search('datasource_list: [ Azure, None ]\n', options)).toMatchObject({ result, decidedBy });
  });

  test('ds=nocloud comes before Azure up to 23.1 as well', () => {
    const old = { version: '22.4.2', ...commandLine('ds=nocloud') };
    expect(search('', old)).toMatchObject({ result: 'other', decidedBy: 'kernel-command-line' });
    expect(search('datasource_list: [Azure, None]\n', old)).toMatchObject({ result: 'azure' });
  });

  test('without a written list the merged configuration counts', () => {
    const configuredList = { names: ['NoCloud'], evidence: [{ path: '10.cfg', line: 2 }] };
    for (const options of [config('policy: enabled\n'), config('policy: report\n'), { manualClean: true }]) {
      expect(search('', { ...options, configuredList })).toMatchObject({
        result: 'other',
        decidedBy: 'datasource-list',
      });
    }
    expect(search('', { configuredList })).toMatchObject({ result: 'azure', decidedBy: 'default' });
  });

  test('where nothing is found, only x86 disables cloud-init', () => {
    const text = 'datasource_list: [Ec2, GCE]\n';
    expect(search(text).reason).toContain('does not start');
    expect(search(text, { isX86: false }).reason).not.toContain('does not start');
    expect(search(text, { isX86: false }).result).toBe('azure');
  });
});

it('takes any text and keeps lines inside it', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('datasource_list', ':', ' ', '[', 'Azure', ',', ']', '\n', '\\', '#', '"', '\t'), {
        maxLength: 20,
      })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, text, fc.constantFrom('22.4', '23.4', '25.1', 'x'), (main, config, words, version) => {
      const found = search(main, {
        version,
        config: { path: 'c', text: config },
        commandLine: { text: words, evidence },
      });
      for (const { path, line } of [...found.evidence, ...found.oddSpacing]) {
        const lines = path === '90.cfg' ? main : path === 'c' ? config : '';
        expect(line).toBeLessThanOrEqual(lines.split('\n').length);
      }
    }),
    { seed: 8, numRuns: 500 },
  );
});

describe('the script in the image decides how it scans', () => {
  const script = (body: string) =>
    `#!/bin/sh\ncheck_config() {\n${body}\n}\nother() {\n    while read line; do :; done\n}\n`;
  const blockList = { path: '/etc/cloud/cloud.cfg', text: 'datasource_list:\n  - Azure\n' };

  test.each([
    ['read', '        while read line; do'],
    ['grep', '    out=$(grep "$key\\"\\?:" "$@" 2>/dev/null)'],
    ['flow', '    out=$(grep "$key[\\"\\\']*[[:space:]]*:" "$@" 2>/dev/null)'],
    [undefined, '    : something new'],
  ])('%s', (dialect, body) => {
    expect(scanDialectOfScript(script(body))).toBe(dialect);
  });

  test('a 23.4 with the older scan, as Red Hat ships it, reads a block list as no list', () => {
    expect(searchDataSource({ version: '23.4', traits: { dialect: 'read' }, files: [blockList] }).result).toBe('azure');
    expect(searchDataSource({ version: '23.4', files: [blockList] }).result).toBe('other');
  });
});

describe('what a script shows of itself', () => {
  const script = (policy: string, rest = '') =>
    `PATH_DI_ENV="\${PATH_DI_ENV:-\${PATH_ROOT}/usr/libexec/ds-identify-env}"\n${policy}\n${rest}`;
  const scan = 'check_config() {\n  while read line; do :; done\n}\n';

  test.each([
    ['', {}],
    [scan, { dialect: 'read', readsEnvironment: false }],
    [script('', scan), { dialect: 'read', readsEnvironment: true }],
    [`DI_DEFAULT_POLICY_NO_DMI="search,found=all,maybe=none,notfound=\${DI_ENABLED}"\n`, { isStrict: false }],
    [`DI_DEFAULT_POLICY_NO_DMI="search,found=all,maybe=none,notfound=\${DI_DISABLED}"\n`, { isStrict: true }],
    [`DI_DEFAULT_POLICY="search,notfound=\${DI_DISABLED}"\n`, {}],
  ])('%j', (text, traits) => {
    expect(traitsOfScript(text)).toEqual(traits);
  });

  test.each<[string, Partial<DataSourceSearchInput>, string]>([
    ['25.1', {}, 'other'],
    ['25.1', { isX86: false }, 'azure'],
    ['25.2', { isX86: false }, 'other'],
    ['25.1', { isX86: false, traits: { isStrict: true } }, 'other'],
    ['25.2', { isX86: false, traits: { isStrict: false } }, 'azure'],
  ])('a fruitless search by %s with %j, nothing else being configured, ends with %s', (version, options, result) => {
    const files = [{ path: '90.cfg', text: 'datasource_list: [ Ec2, GCE ]\n' }];
    expect(searchDataSource({ version, files, ...options }).result).toBe(result);
  });
});

describe('/usr/libexec/ds-identify-env', () => {
  const file = (text: string) => ({ path: '/usr/libexec/ds-identify-env', text });

  test.each<[string, string | undefined, number | undefined]>([
    ['DI_KERNEL_CMDLINE="ds=MAAS"\n', 'ds=MAAS', undefined],
    ["DI_KERNEL_CMDLINE='ds=MAAS'\nDI_LOG=stderr\nDI_DEBUG_LEVEL=2\n", 'ds=MAAS', undefined],
    ['DI_KERNEL_CMDLINE=\n', undefined, undefined],
    ['# nothing\n', undefined, undefined],
    ['DI_KERNEL_CMDLINE="ro $extra"\n', 'ro $extra', 1],
    ['DI_LOG=stderr\nDI_MAIN=noop\n', undefined, 2],
    ['if true; then\n  DI_KERNEL_CMDLINE=x\nfi\n', 'x', 1],
    ['DI_DSLIST_DEFAULT="Ec2"\necho a\n', undefined, 1],
  ])('%j', (text, commandLine, opaqueLine) => {
    const { commandLine: found, opaque } = readDsIdentifyEnvironment(file(text));
    expect([found?.text, opaque?.line]).toEqual([commandLine, opaqueLine]);
  });

  const decided = (text: string, options: Partial<DataSourceSearchInput> = {}) =>
    search('', { environment: file(text), ...options });

  test.each<[string, Partial<DataSourceSearchInput>, string]>([
    ['DI_KERNEL_CMDLINE=ds=NoCloud\n', {}, 'other'],
    ['DI_KERNEL_CMDLINE=ds=NoCloud\n', { version: '24.1.3' }, 'azure'],
    ['DI_KERNEL_CMDLINE=ds=NoCloud\n', { version: '24.1.3', traits: { readsEnvironment: true } }, 'other'],
    ['DI_KERNEL_CMDLINE=ds=NoCloud\n', { traits: { readsEnvironment: false } }, 'azure'],
    ['DI_KERNEL_CMDLINE=ci.di.policy=disabled\n', {}, 'disabled'],
    ['DI_KERNEL_CMDLINE="ro cloud-init=disabled"\n', {}, 'disabled'],
    ['DI_KERNEL_CMDLINE=ro\n', { commandLine: { text: 'ds=NoCloud', evidence } }, 'azure'],
    ['DI_KERNEL_CMDLINE=\n', { commandLine: { text: 'ds=NoCloud', evidence } }, 'other'],
  ])('%j with %j: %s', (text, options, result) => {
    expect(decided(text, options).result).toBe(result);
  });

  test('is read by a version that nobody knows', () => {
    const environment = file('DI_KERNEL_CMDLINE=ds=NoCloud\n');
    expect(searchDataSource({ files: [], environment }).result).toBe('other');
  });

  test('is the evidence of what it decides', () => {
    expect(decided('  DI_KERNEL_CMDLINE=cloud-init=disabled\n')).toMatchObject({
      decidedBy: 'kernel-command-line',
      evidence: [{ path: '/usr/libexec/ds-identify-env', line: 1, text: 'DI_KERNEL_CMDLINE=cloud-init=disabled' }],
    });
    expect(decided('# test\nDI_KERNEL_CMDLINE=ds=NoCloud\n')).toMatchObject({
      decidedBy: 'kernel-command-line',
      evidence: [{ path: '/usr/libexec/ds-identify-env', line: 2, text: 'DI_KERNEL_CMDLINE=ds=NoCloud' }],
    });
  });
});

describe('what ds-identify leaves behind', () => {
  const ran = (
    version: string | undefined,
    list: string,
    options: Omit<Partial<DataSourceSearchInput>, 'config'> & {
      readonly config?: string;
      readonly words?: string;
    } = {},
  ) => {
    const { config, words, ...rest } = options;
    return runDsIdentify({
      ...(version !== undefined && { version }),
      files: [{ path: '90.cfg', text: list === '' ? '' : `datasource_list: ${list}\n` }],
      ...(config !== undefined && { config: { path: 'c', text: `${config}\n` } }),
      ...(words !== undefined && { commandLine: { text: words, evidence } }),
      ...rest,
    });
  };
  const found = (names: string) => ({ exitStatus: 0, written: `datasource_list: [ ${names} ]\n` });

  test.each<[string, ReturnType<typeof ran>, unknown]>([
    ['None joins a single entry', ran('22.4.2', '[Azure]'), found('Azure, None')],
    ['up to 24.1.2', ran('24.1.2', '[Azure]'), found('Azure, None')],
    ['and not from 24.1.3 on', ran('24.1.3', '[Azure]'), found('Azure')],
    ['nor in an unknown version', ran(undefined, '[Azure]'), found('Azure')],
    ['an entry before None is single too', ran('22.4.2', '[Ec2, None]'), found('Ec2, None')],
    ['and one before None and others is not', ran('22.4.2', '[Azure, None, Ec2]'), found('Azure, None')],
    ['None before an entry is not', ran('22.4.2', '[None, Azure]'), found('Azure, None')],
    ['several are searched', ran('24.4', '[NoCloud, Azure, None]'), found('Azure, None')],
    ['without a list the built-in one is', ran('24.4', ''), found('Azure, None')],
    ['nothing is found', ran('24.4', '[Ec2, GCE]'), { exitStatus: 1, written: 'di_report:\n' }],
    [
      'nothing is found, off x86',
      ran('24.4', '[Ec2, GCE]', { isX86: false }),
      { exitStatus: 0, written: 'di_report:\n' },
    ],
    [
      'nothing is found, which may be',
      ran('24.4', '[Ec2, GCE]', { config: 'policy: search,notfound=enabled' }),
      { exitStatus: 0, written: 'di_report:\n' },
    ],
    [
      'nothing is found, off x86, which may not be',
      ran('24.4', '[Ec2, GCE]', { isX86: false, config: 'policy: notfound=disabled' }),
      { exitStatus: 1, written: 'di_report:\n' },
    ],
    [
      'nothing is found, which is only reported',
      ran('24.4', '[Ec2, GCE]', { config: 'policy: report' }),
      { exitStatus: 0, written: 'di_report:\n' },
    ],
    [
      'a report',
      ran('24.4', '', { config: 'policy: report' }),
      { exitStatus: 0, written: 'di_report:\n  datasource_list: [ Azure, None ]\n' },
    ],
    ['no names', ran('24.4', '[ , ]'), { exitStatus: 1 }],
    [
      'manual clean',
      ran('24.4', '[Ec2]', { manualClean: true }),
      { exitStatus: 0, written: '# manual_cache_clean.\n' },
    ],
    ['enabled', ran('24.4', '[Ec2]', { config: 'policy: enabled' }), { exitStatus: 0 }],
    ['disabled', ran('24.4', '[Azure]', { config: 'policy: disabled' }), { exitStatus: 1 }],
    ['None alone', ran('24.4', '', { config: 'datasource: None' }), found('None')],
    ['None in front', ran('24.4', '', { config: 'datasource: None, Azure' }), found('None, Azure')],
    ['None at the end', ran('24.4', '', { config: 'datasource: Azure, None' }), found('Azure, None')],
    ['a name like None', ran('24.4', '', { config: 'datasource: NoneX' }), found('NoneX, None')],
    ['another name like None', ran('24.4', '', { config: 'datasource: XNone' }), found('XNone, None')],
    ['ds=nocloud up to 23.1', ran('23.1', '', { words: 'ds=nocloud' }), found('NoCloud, Azure, None')],
    [
      'ds=nocloud up to 23.1, where the first counts',
      ran('23.1', '', { words: 'ro ds=nocloud', config: 'policy: found=first' }),
      found('NoCloud, None'),
    ],
    ['ds=nocloud inside a word', ran('23.1', '', { words: 'xds=nocloud' }), found('Azure, None')],
    ['ds=nocloud without NoCloud', ran('23.1', '[Azure, Ec2]', { words: 'ds=nocloud' }), found('Azure, None')],
    ['ds= from 23.2', ran('23.2', '', { words: 'ds=Ec2' }), found('Ec2, None')],
    ['a semicolon up to 23.1', ran('23.1', '', { words: 'ci.ds=Ec2;a;b' }), found('Ec2;a;b, None')],
    ['a semicolon in 23.2', ran('23.2', '', { words: 'ci.ds=Ec2;a;bc' }), found('Ec2;a, None')],
    ['a semicolon from 23.2.2', ran('23.2.2', '', { words: 'ci.ds=Ec2;a;b' }), found('Ec2, None')],
    ['a semicolon in an unknown version', ran(undefined, '', { words: 'ds=Ec2;a;b' }), found('Ec2, None')],
    ['a bare word', ran('24.4', '', { words: 'ci.ds' }), found('ci.ds, None')],
    ['the last word', ran('24.4', '', { words: 'ci.ds=GCE ci.datasource=Ec2' }), found('Ec2, None')],
    ['an empty word', ran('24.4', '[Ec2]', { words: 'ci.ds=' }), found('Ec2')],
    ['an equals sign in the value', ran('24.4', '', { words: 'ci.ds=a=b' }), found('a=b, None')],
    [
      'the command line over the file',
      ran('24.4', '', { words: 'ci.ds=Ec2', config: 'datasource: GCE' }),
      found('Ec2, None'),
    ],
    ['cc: without a blank', ran('24.4', '', { words: 'cc:datasource_list: [Ec2]' }), found('Ec2')],
    ['cc: over the files', ran('24.4', '[Azure]', { words: "cc:{'datasource_list':['Ec2']}" }), found('Ec2')],
    [
      'cc: with the last list',
      ran('24.4', '', { words: 'cc: datasource_list: [Ec2] datasource_list: [GCE] x' }),
      found('GCE'),
    ],
    ['cc: behind the list', ran('24.4', '[Azure]', { words: 'datasource_list: [Ec2] cc: x' }), found('Azure')],
    ['cc: with an empty list', ran('24.4', '[Ec2]', { words: 'cc: datasource_list: []' }), found('Ec2')],
    ['cc: without a list', ran('24.4', '[Ec2]', { words: 'cc: ssh_pwauth: true' }), found('Ec2')],
    ['a list without cc:', ran('24.4', '[Ec2]', { words: 'datasource_list: [GCE]' }), found('Ec2')],
  ])('%s', (_, run, expected) => expect(run).toStrictEqual(expected));
});

describe('reasons', () => {
  const config = (text: string) => ({ config: { path: 'c', text: `${text}\n` } });
  const configured = (...names: string[]) => ({ configuredList: { names, evidence: [{ path: '10.cfg', line: 2 }] } });
  test.each<[ReturnType<typeof search>, string, unknown]>([
    [search('datasource_list: [Azure]\n'), 'ds-identify uses the only entry without probing: Azure', ['90.cfg']],
    [search('datasource_list: [Azure, Ec2]\n'), 'ds-identify finds: Azure, None', ['90.cfg']],
    [
      search('datasource_list: [Azure, Ec2]\n', { version: '23.1', commandLine: { text: 'ds=nocloud', evidence } }),
      'ds-identify finds: Azure, None',
      ['90.cfg'],
    ],
    [search(''), 'ds-identify finds: Azure, None', []],
    [search('', config('datasource: Azure')), 'ds-identify is told to use: Azure, None', ['c']],
    [
      search('datasource_list: [Ec2, GCE]\n'),
      'ds-identify finds none of Ec2, GCE, and cloud-init does not start',
      ['90.cfg'],
    ],
    [
      search('', config('policy: disabled')),
      'the policy of ds-identify is "disabled", and cloud-init does not start',
      ['c'],
    ],
    [
      search('', config('policy: enabled')),
      'the policy of ds-identify is "enabled", so that it searches nothing, and cloud-init\'s own list has Azure',
      ['c'],
    ],
    [
      search('', { ...config('policy: enabled'), ...configured('Ec2', 'None') }),
      'the policy of ds-identify is "enabled", so that it searches nothing, and cloud-init\'s own list has Ec2, None',
      ['c', '10.cfg'],
    ],
    [
      search('', { ...config('policy: enabled'), ...configured() }),
      'the policy of ds-identify is "enabled", so that it searches nothing, and cloud-init\'s own list has nothing',
      ['c', '10.cfg'],
    ],
    [
      search('', { ...config('policy: enabled'), ...configured('Ec2', 'Azure') }),
      'the policy of ds-identify is "enabled", so that it searches nothing, and cloud-init\'s own list has Azure',
      ['c'],
    ],
    [
      search('datasource_list: [Ec2]\n', { ...config('policy: report'), ...configured('Azure') }),
      'ds-identify uses the only entry without probing (policy "report": without effect), and cloud-init\'s own list has Azure',
      ['90.cfg'],
    ],
    [
      search('datasource_list: [ , ]\n'),
      'ds-identify fails on a list without names, and cloud-init does not start',
      ['90.cfg'],
    ],
  ])('%#', ({ reason, evidence: places }, expected, paths) => {
    expect([reason, places.map(({ path }) => path)]).toStrictEqual([expected, paths]);
  });

  test('lists and outcomes stand beside them', () => {
    expect(search('')).not.toHaveProperty('list');
    expect(search('datasource_list: [Ec2, GCE]\n')).toMatchObject({ result: 'other', list: ['Ec2', 'GCE'] });
    expect(search('', config('datasource: Ec2'))).toMatchObject({ result: 'other', list: ['Ec2'] });
    expect(search('datasource_list: [Ec2]\n', { manualClean: true })).toMatchObject({ list: ['Ec2'], result: 'azure' });
    expect(search('', config('policy: disabled'))).toMatchObject({ result: 'disabled', oddSpacing: [] });
    // Named alone on the command line, NoCloud is no force.
    const alone = { commandLine: { text: 'ci.ds=NoCloud', evidence } };
    expect(search('', alone)).toMatchObject({
      result: 'other',
      decidedBy: 'kernel-command-line',
      evidence: [evidence],
    });
    expect(searchDataSource({ files: [{ path: 'a', text: 'datasource_list : [ Azure ]\n' }] }).oddSpacing).toEqual([]);
  });
});

describe('the scan', () => {
  test.each<[string | undefined, readonly number[] | undefined, ScanDialect]>([
    [undefined, undefined, 'flow'],
    ['x24', undefined, 'flow'],
    ['23', [23], 'read'],
    ['23.3.9', [23, 3, 9], 'read'],
    ['23.4', [23, 4], 'grep'],
    ['23.4.1-1.fc40', [23, 4, 1], 'grep'],
    ['23.4.2', [23, 4, 2], 'read'],
    ['24.1.99', [24, 1, 99], 'read'],
    ['24.2', [24, 2], 'flow'],
    ['2:25.1', [25, 1], 'flow'],
    ['10:25.1', [25, 1], 'flow'],
  ])('of version %j', (version, numbers, dialect) => {
    expect(versionNumbers(version)).toStrictEqual(numbers);
    expect(scanDialect(numbers)).toBe(dialect);
  });

  test.each([
    [[24, 2], [24, 2], true],
    [[24, 1, 9], [24, 2], false],
    [[25], [24, 2], true],
    [[24], [24, 0], true],
    [[24], [24, 1], false],
    [[23, 9], [24], false],
  ])('%j is at least %j: %j', (version, wanted, expected) => expect(isAtLeast(version, wanted)).toBe(expected));

  test.each<[string, ScanDialect, string]>([
    ['[ a, b ]', 'flow', 'a b'],
    ['[a,b,]', 'flow', 'a b'],
    ['[a,b,,]', 'flow', 'a b '],
    ['[ , ]', 'read', ' '],
    ['[ "a", \'b\' ]', 'flow', 'a b'],
    ['[ "a\', b" ]', 'flow', '"a\' b"'],
    ['"a"x', 'flow', '"a"x'],
    ['x"a"', 'flow', 'x"a"'],
    ["'a'x", 'flow', "'a'x"],
    ["x'a'", 'flow', "x'a'"],
    ['[a[b]c]', 'flow', 'a[b]c'],
    ['a  b,\tc\v', 'read', 'a b c\v'],
    [' a  b ,\tc\v', 'flow', 'a  b c'],
  ])('of the list %j by %s', (text, dialect, names) => expect(parseYamlArray(text, dialect)).toBe(names));

  test.each<[string, ScanDialect, readonly [readonly string[], number] | undefined]>([
    ['datasource_list: [a]\n', 'read', [['a'], 1]],
    ['x\\\ny\ndatasource_list: [a]\n', 'read', [['a'], 3]],
    ['datasource_list: \\\n[a]\n', 'read', [['a'], 1]],
    ['data\\source_list: [a]\n', 'read', [['a'], 1]],
    [' \tdatasource_list: [a] \t\n', 'read', [['a'], 1]],
    ['datasource_list:[a]\n', 'read', undefined],
    ['datasource_list:  [a]\n', 'read', [['[a'], 1]],
    ['datasource_list:\n', 'read', undefined],
    ['xdatasource_list: [a]\n', 'read', undefined],
    ['datasource_list: # [a]\n', 'read', undefined],
    ['# datasource_list: [a]\n', 'read', undefined],
    ['xdatasource_list: [a]\n', 'grep', [['a'], 1]],
    ['datasource_list": [a]\n', 'grep', [['a'], 1]],
    ['datasource_list : [a]\n', 'grep', undefined],
    ['x\ndatasource_list:[a]\n', 'grep', [['datasource_list:[a'], 2]],
    ['x: datasource_list: [a]\n', 'grep', [['datasource_list:', '[a'], 1]],
    ['datasource_list"\' \t: [a]\n', 'flow', [['a'], 1]],
    ['datasource_list:[a]\n', 'flow', [['a'], 1]],
    ['datasource_list:\n', 'flow', undefined],
    ['a\n  datasource_list: [a] # b\n', 'flow', [['a'], 2]],
    ['# datasource_list: [a]\n', 'flow', undefined],
    ['datasource_list: [a]\n# datasource_list: [b]\n', 'flow', [['a'], 1]],
    ['datasource_list: [a]\n#datasource_list: [b]\n', 'grep', undefined],
  ])('of %j by %s', (text, dialect, expected) => {
    const scanned = scanDatasourceList([{ path: 'x', text }], dialect);
    expect(scanned && [scanned.words, scanned.place.line]).toStrictEqual(expected);
  });

  test('shows the line without its indentation', () => {
    const files = [{ path: 'x', text: '  datasource_list: [a]  \n' }];
    for (const dialect of ['read', 'grep', 'flow'] as const) {
      expect(scanDatasourceList(files, dialect)?.place.text).toBe('datasource_list: [a]');
    }
    expect(oddlySpacedLists([{ path: 'x', text: 'a\n  datasource_list : [a]  \n' }])).toStrictEqual([
      { path: 'x', line: 2, text: 'datasource_list : [a]' },
    ]);
  });

  test.each([
    ["'datasource_list': [a]", 1],
    ['"datasource_list": [a]', 1],
    ['"datasource_list\': [a]', 0],
    ['datasource_list:\t[a]', 1],
    ['datasource_list:  # [a]', 0],
    ['datasource_list:  ', 0],
    ['datasource_list:[a]', 0],
    ['x datasource_list : [a]', 0],
    ['  datasource_list: [a]', 0],
  ])('of %j finds %i oddly spaced', (text, count) => {
    expect(oddlySpacedLists([{ path: 'x', text }])).toHaveLength(count);
  });

  test('takes the dialect from check_config alone', () => {
    const end = '}\nlater() {\n  grep "$key[" x\n}\n';
    expect(scanDialectOfScript(`check_config() {\n  while read line; do :; done\n${end}`)).toBe('read');
    expect(scanDialectOfScript(`# check_config() {\n  while read line; do :; done\n${end}`)).toBeUndefined();
    expect(scanDialectOfScript('')).toBeUndefined();
  });
});

describe('ds-identify.cfg', () => {
  const read = (text: string, dialect: ScanDialect = 'flow') => {
    const { datasource, policy } = readDsIdentifyConfig({ path: 'x', text }, dialect);
    return [datasource?.value, datasource?.place.line, policy?.value, policy?.place.line];
  };
  test.each<[string, readonly unknown[]]>([
    ['datasource: Azure\npolicy: enabled\n', ['Azure', 1, 'enabled', 2]],
    ['policy: a\npolicy: b\n', [undefined, undefined, 'b', 2]],
    [' datasource : "a" # b\n', ['a', 1, undefined, undefined]],
    ['datasource:\n', ['', 1, undefined, undefined]],
    ['datasource: a:b\n', ['a:b', 1, undefined, undefined]],
    ['policyx\n', [undefined, undefined, undefined, undefined]],
    ['datasource Azure\n', [undefined, undefined, undefined, undefined]],
    ['datasources: Azure\n', [undefined, undefined, undefined, undefined]],
    ['# datasource: Azure\n', [undefined, undefined, undefined, undefined]],
    ['datasource: Azure', [undefined, undefined, undefined, undefined]],
  ])('%j', (text, expected) => expect(read(text)).toStrictEqual(expected));

  test('loses blanks inside a value where the older scan reads it', () => {
    expect(read('datasource: a  b\n', 'read')[0]).toBe('a b');
    expect(read('datasource: a  b\n', 'flow')[0]).toBe('a  b');
  });

  test.each<[string, boolean, readonly [string, string, string]]>([
    ['', true, ['search', 'all', 'disabled']],
    ['', false, ['search', 'all', 'enabled']],
    ['enabled', true, ['enabled', 'all', 'disabled']],
    ['report,disabled', true, ['disabled', 'all', 'disabled']],
    ['report,search', true, ['search', 'all', 'disabled']],
    ['xdisabled', true, ['search', 'all', 'disabled']],
    ['found=first', true, ['search', 'first', 'disabled']],
    ['found=first,found=all', true, ['search', 'all', 'disabled']],
    ['found=first,found=x', true, ['search', 'all', 'disabled']],
    ['found=first,xfound=all', true, ['search', 'first', 'disabled']],
    ['notfound=enabled', true, ['search', 'all', 'enabled']],
    ['notfound=disabled', false, ['search', 'all', 'disabled']],
    ['notfound=enabled,notfound=x', true, ['search', 'all', 'disabled']],
    ['notfound=disabled,notfound=enabledx', false, ['search', 'all', 'enabled']],
    ['notfound=enabled,xnotfound=disabled', true, ['search', 'all', 'enabled']],
    ['notfound=enabled,xnotfound=x', true, ['search', 'all', 'enabled']],
    ['notfound=enabled,notfound=disabled', true, ['search', 'all', 'disabled']],
  ])('policy %j, x86 %j', (text, isX86, [mode, found, notFound]) => {
    expect(parsePolicy(text, isX86)).toStrictEqual({ mode, found, notFound });
  });
});
