import { describe, expect, test } from '@jest/globals';
import { property, assert as propertyHolds, string } from 'fast-check';
import { isWaagentKey, waagentKeyLike } from '../../src/formats/waagent-keys.ts';
import { waagentOddities } from '../../src/formats/waagent-oddities.ts';

describe('waagentOddities', () => {
  const kinds = (text: string) => waagentOddities(text).map(({ kind, line }) => `${line} ${kind}`);

  test.each([
    ['', []],
    ['# a\n\n   \nLogs.Verbose=n\n', []],
    ['words\n', ['1 no-setting']],
    ['[section]', ['1 no-setting']],
    ['OS.EnableFirewall: y', ['1 no-setting']],
    [' # a', ['1 stray-comment']],
    [' #Logs.Verbose=y', ['1 stray-comment']],
    ['; a', ['1 stray-comment']],
    [';Logs.Verbose=y', ['1 stray-comment']],
    ['\ufeff# a=b', ['1 stray-comment']],
    ['\ufeff# a', ['1 stray-comment']],
    ['Logs.Verbose=n # a', ['1 trailing-comment']],
    ['Logs.Verbose=n#a', ['1 trailing-comment']],
    ['Logs.Verbose=#n', ['1 trailing-comment']],
    ['OS.SshDir="/etc/ssh" # a', ['1 trailing-comment']],
    ['OS.SshDir="/etc/ssh"# a', ['1 trailing-comment']],
    ['OS.SshDir=/etc/ssh#a', ['1 cut-value']],
    ['Vendor.Key=a#b', []],
    ['Logs.Verbose=n\nLogs.Verbose="n"', ['2 repeated']],
    ['Logs.Verbose=n\nLogs.Verbose=None\nLogs.Verbose=n', ['2 contradicted', '3 contradicted']],
    ['logs.verbose=n\nLogs.Verbose=y', []],
    ['Logs.Verbose=n\r\nLogs.Collect=y\r\n', ['1 carriage-return']],
    ['\r\n', []],
  ])('%j', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  test('any text is read, and line numbers lie inside it', () => {
    propertyHolds(
      property(string({ unit: 'binary' }), (text) => {
        for (const { line } of waagentOddities(text)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }),
    );
  });
});

describe('waagentKeyLike', () => {
  test.each([
    ['ResourceDisk.EnableSwapp', 'ResourceDisk.EnableSwap'],
    ['OS.EnableFirewal', 'OS.EnableFirewall'],
    ['AutoUpdate.Frequency', 'Autoupdate.Frequency'],
    ['Log.Verbose', 'Logs.Verbose'],
    ['OS.EnableFIPS', undefined],
    ['LBProbeResponder', undefined],
    ['Vendor.Setting', undefined],
    ['x'.repeat(10_000), undefined],
  ])('%s', (key, like) => {
    expect(waagentKeyLike(key)).toBe(like);
  });

  test('no known key is taken for another', () => {
    expect(isWaagentKey('Provisioning.Enabled')).toBe(true);
    expect(isWaagentKey('provisioning.enabled')).toBe(false);
  });
});
