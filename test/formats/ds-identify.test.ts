import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataSourceSearchInput, searchDataSource } from '../../src/formats/ds-identify.ts';
import { scanDialectOfScript } from '../../src/formats/ds-identify-scan.ts';

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
    expect(searchDataSource({ version: '23.4', dialect: 'read', files: [blockList] }).result).toBe('azure');
    expect(searchDataSource({ version: '23.4', files: [blockList] }).result).toBe('other');
  });
});
