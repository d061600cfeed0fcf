import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { describeExitCode, exitCodes } from '../../src/cli/exit-code.ts';
import { checkFlags } from '../../src/cli/flags.ts';
import { fileOnly, parseConfigFile } from '../../src/config/config-file.ts';
import { presets } from '../../src/config/presets.ts';
import { settingKeys, settings } from '../../src/config/settings.ts';
import { formats } from '../../src/reports/index.ts';
import { fields, readYaml } from '../kits/kit.ts';
import { blocksOf, pages, readPage, tableOf, top } from './pages.ts';

const code = (text: string): string => `\`${text}\``;

describe('tables of the documentation', () => {
  const configuration = readPage('docs/configuration.md');

  it('have every setting, as the program has it', () => {
    const expected = settingKeys.map((key) => {
      const { flag, environment, describe, choices = [] } = settings[key];
      const cells = [code(key), code(`--${flag}`), code(environment), describe];
      return [...cells, choices.map(code).join(', ')];
    });
    // A row without values ends with an empty cell.
    const rows = tableOf(configuration, 'Key').map((row) => row.map((cell) => cell.replace(/ \|$/, '')));
    expect(rows.map((row) => [...row, ''].slice(0, 5))).toEqual(expected);
  });

  it('have every key of the file only', () => {
    expect(tableOf(configuration, 'Key of the file')).toEqual(
      Object.entries(fileOnly).map(([key, describe]) => [code(key), describe]),
    );
  });

  it('have every preset', () => {
    expect(tableOf(configuration, 'Preset')).toEqual(
      Object.entries(presets).map(([name, preset]) => [
        code(name),
        preset.describe,
        code(JSON.stringify(preset.settings)),
      ]),
    );
  });

  it('have every format of a report', () => {
    expect(tableOf(readPage('docs/reports.md'), 'Format').map(([name]) => name)).toEqual(formats.map(code));
  });

  it('have every exit code, as the program explains it', () => {
    expect(tableOf(readPage('docs/exit-codes.md'), 'Code')).toEqual(
      Object.values(exitCodes).map((entry) => [String(entry.code), describeExitCode(entry), entry.advice]),
    );
  });

  it.each([
    ['Input', 'inputs'],
    ['Output', 'outputs'],
  ])('have every %s of the action', (head, key) => {
    const described = [...fields(fields(readYaml('action.yml')).get(key))];
    expect(tableOf(readPage('docs/ci.md'), head)).toEqual(
      described.map(([name, value]) => [code(name), fields(value).get('description')]),
    );
  });
});

describe('the documentation', () => {
  it('mentions every flag of a check', () => {
    const text = pages.map(readPage).join('\n');
    expect(Object.keys(checkFlags).filter((flag) => !new RegExp(`--${flag}(?![\\w-])`).test(text))).toEqual([]);
  });
});

describe('README', () => {
  test('gives each exit code the meaning that the program gives it', () => {
    for (const exitCode of Object.values(exitCodes)) {
      const row = tableOf(readPage('README.md'), 'Code').find(([number]) => number === String(exitCode.code)) ?? [];
      for (const word of describeExitCode(exitCode).match(/[a-z]{5,}/g) ?? []) expect(row.join(' ')).toContain(word);
    }
  });

  it('links the documentation', () => {
    expect(readPage('README.md')).toContain('](docs/README.md)');
  });
});

describe('the index', () => {
  it('links every page', () => {
    const index = readPage('docs/README.md');
    const missing = readdirSync(join(top, 'docs')).filter((name) => name !== 'README.md' && /\.(md|json)$/.test(name));
    expect(missing.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });
});

const examples = ['ci', 'packer'].flatMap((folder) =>
  readdirSync(join(top, 'examples', folder)).map((name) => readFileSync(join(top, 'examples', folder, name), 'utf8')),
);

describe.each(pages)('%s', (name) => {
  const page = readPage(name);

  it('links only what is there', () => {
    const prose = page.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const inside = links.filter((link) => !/^https:/.test(link)).map((link) => link.replace(/#.*/, ''));
    expect(inside.filter((link) => !existsSync(join(top, dirname(name), link)))).toEqual([]);
  });

  it('shows of the examples what they have', () => {
    for (const { language, text } of blocksOf(page)) {
      if (language === 'hcl' || /^ {6}- /.test(text))
        expect(examples.filter((one) => one.includes(text))).toHaveLength(1);
    }
  });

  it('shows configuration files that are accepted', () => {
    for (const { text } of blocksOf(page).filter(({ text }) => text.startsWith('# .vhd-preflight.yaml\n')))
      expect(parseConfigFile(name, text).settings).not.toEqual({});
  });
});
