import { describe, expect, it, test } from '@jest/globals';
import { readConfiguration } from '../../src/facts/agent/configuration.ts';
import { usableConfiguration } from '../../src/facts/agent/usable-configuration.ts';
import type { AgentConfiguration } from '../../src/facts/agent.ts';
import { agent } from '../../src/facts/agent.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const path = '/etc/waagent.conf';

function configurationOf(text: string, legacyProvisioning = false): AgentConfiguration {
  const configuration = readConfiguration(path, new TextEncoder().encode(text), legacyProvisioning);
  if ('defect' in configuration) throw new Error('no configuration');
  return configuration;
}

describe('values', () => {
  it('come with their lines, and defaults without', () => {
    const configuration = configurationOf('# x\nOS.EnableFirewall=y\nLib.Dir=None\nResourceDisk.SwapSizeMB=1_024\n');
    const evidence = { path, line: 2, text: 'OS.EnableFirewall=y' };
    expect(configuration.switch('OS.EnableFirewall')).toStrictEqual({ value: true, evidence });
    expect(configuration.switch('Logs.Collect')).toStrictEqual({ value: true });
    expect(configuration.switch('Vendor.Switch')).toStrictEqual({ value: false });
    expect(configuration.string('Lib.Dir')).toStrictEqual({ value: '/var/lib/waagent' });
    expect(configuration.int('ResourceDisk.SwapSizeMB')).toMatchObject({ value: 1024, evidence: { line: 4 } });
    expect(configuration.int('HttpProxy.Port')).toStrictEqual({ value: undefined });
    expect(configuration.text('OS.EnableFirewall')).toBe('y');
    expect(configuration.text('Lib.Dir')).toBeUndefined();
    expect(configuration.text('OS.SshDir')).toBeUndefined();
    expect(configuration.assignments.map(({ key }) => key)).toStrictEqual([
      'OS.EnableFirewall',
      'ResourceDisk.SwapSizeMB',
    ]);
  });

  it('are those of the last line of a key', () => {
    const configuration = configurationOf('Logs.Verbose=y\nOS.SshDir=/a\nLogs.Verbose=n\nOS.SshDir=None\n');
    expect(configuration.assignments).toStrictEqual([
      { key: 'Logs.Verbose', value: 'n', evidence: { path, line: 3, text: 'Logs.Verbose=n' } },
    ]);
  });

  it('default to those of other keys', () => {
    const configuration = configurationOf('AutoUpdate.Enabled=n\nExtensions.GoalStatePeriod=30\n');
    expect(configuration.switch('AutoUpdate.UpdateToLatestVersion').value).toBe(false);
    expect(configuration.int('Extensions.InitialGoalStatePeriod').value).toBe(30);
  });
});

describe('rejected values', () => {
  test.each([
    // Logs.Console is y by default, Logs.Verbose n.
    ['Logs.Console', 'yes', true],
    ['Logs.Console', 'True', true],
    ['Logs.Console', 'on', true],
    ['Logs.Console', '1', true],
    ['Logs.Console', "'y'", true],
    ['Logs.Console', "''on''", true],
    ['Logs.Console', 'no', false],
    ['Logs.Console', 'o n', false],
    ['Logs.Console', "o'n", false],
    ['Logs.Console', 'maybe', false],
    ['Logs.Verbose', 'no', true],
    ['Logs.Verbose', 'FALSE', true],
    ['Logs.Verbose', 'off', true],
    ['Logs.Verbose', '0', true],
    ['Logs.Verbose', "'n'", true],
    ['Logs.Verbose', 'yes', false],
  ])('%s=%s means what the agent takes: %s', (key, written, meansTheSame) => {
    const text = `${key}=${written}`;
    expect(configurationOf(text).rejected).toStrictEqual([
      {
        key,
        written,
        kind: 'switch',
        taken: key === 'Logs.Console' ? 'y' : 'n',
        meansTheSame,
        evidence: { path, line: 1, text },
      },
    ]);
  });

  test.each([
    ['Logs.CollectPeriod', '10s', 'number', '3600', false],
    ['Logs.CollectPeriod', '3600s', 'number', '3600', true],
    ['HttpProxy.Port', 'http', 'number', undefined, false],
    ['Extensions.WaitForCloudInitTimeout', '60', 'misread', '3600', false],
    ['Extensions.WaitForCloudInitTimeout', '3600', 'misread', '3600', true],
  ])('%s=%s is a %s for which the agent takes %s', (key, written, kind, taken, meansTheSame) => {
    const text = `${key}=${written}`;
    const expected = { key, written, kind, taken, meansTheSame, evidence: { path, line: 1, text } };
    expect(configurationOf(text).rejected).toStrictEqual([expected]);
  });

  it('come by kind: switches, then numbers', () => {
    const { rejected } = configurationOf('Logs.CollectPeriod=10s\nLogs.Verbose=yes\nOS.EnableFIPS=\n');
    expect(rejected.map(({ key }) => key)).toStrictEqual(['Logs.Verbose', 'Logs.CollectPeriod']);
  });

  test.each([
    [true, ['Provisioning.Enabled']],
    [false, []],
  ])('count for keys of old agents where the agent is old: %s', (legacyProvisioning, keys) => {
    const { rejected } = configurationOf('Provisioning.Enabled=yes\n', legacyProvisioning);
    expect(rejected.map(({ key }) => key)).toStrictEqual(keys);
  });
});

describe('problems', () => {
  test.each<[string, string, object[]]>([
    ['a word before a known key', 'export Logs.Verbose=y', [{ effect: 'lost', key: 'Logs.Verbose', line: 1 }]],
    ['a word before an unknown key', 'export Vendor.Key=y', []],
    ['a number without =', 'HttpProxy.Port 80', [{ effect: 'lost', key: 'HttpProxy.Port', line: 1 }]],
    ['another spelling', 'provisioning.agent=auto', [{ effect: 'lost', key: 'Provisioning.Agent', line: 1 }]],
    ['a byte order mark', '\ufeffLogs.Verbose=y', [{ effect: 'lost', key: 'Logs.Verbose', line: 1 }]],
    ['a quoted text', "OS.SshDir='/etc/ssh'", [{ effect: 'altered', key: 'OS.SshDir', line: 1 }]],
    ['a quoted text that a later line replaces', "OS.SshDir='/a'\nOS.SshDir=/b", []],
    ['a quoted switch, which is among the rejected', "Logs.Verbose='y'", []],
    ['a quoted text of an unknown key', "Mine='x'", []],
    ['a comment behind a blank', ' #Logs.Console=n', []],
  ])('of %s', (_, text, expected) => {
    const problems = configurationOf(text).problems.map(({ effect, key, evidence: { line } }) => ({
      effect,
      key,
      line,
    }));
    expect(problems).toStrictEqual(expected);
  });
});

describe('unknown keys', () => {
  test.each<[string, string, object[]]>([
    ['of a vendor', 'Vendor.Key=y', [{ key: 'Vendor.Key' }]],
    ['that resemble one', 'OS.EnableFirewal=y', [{ key: 'OS.EnableFirewal', resembles: 'OS.EnableFirewall' }]],
    ['that the agent knows', 'Logs.Verbose=y', []],
    ['that older agents knew', 'LBProbeResponder=y', []],
    ['in another spelling, which are among the problems', 'logs.verbose=y', []],
    ['behind a #', ' #Vendor.Key=y', []],
    ['behind a ;', ';Vendor.Key=y', []],
    ['behind a byte order mark and a #', '\ufeff#Vendor.Key=y', []],
    ['with a # inside them', 'Vendor#Key=y', [{ key: 'Vendor#Key' }]],
    ['behind a word, which are among the problems', 'export Vendor.Key=y', []],
    ['beside another that is lost', 'Vendor.Key=y\nexport Other.Key=y', [{ key: 'Vendor.Key' }]],
    ['with a quoted text', "Vendor.Key='y'", [{ key: 'Vendor.Key' }]],
  ])('%s', (_, text, expected) => {
    const [first = ''] = text.split('\n');
    const evidence = { path, line: 1, text: first };
    expect(configurationOf(text).unknownKeys).toStrictEqual(expected.map((one) => ({ ...one, evidence })));
  });

  it('count once, by their last line', () => {
    const { unknownKeys } = configurationOf('Vendor.Key=y\nVendor.Key=n\n');
    expect(unknownKeys.map(({ evidence }) => evidence.line)).toStrictEqual([2]);
  });
});

test('oddities come with their lines', () => {
  expect(configurationOf('Logs.Verbose=y\nnothing\n').oddities).toStrictEqual([
    { kind: 'no-setting', message: expect.any(String), evidence: { path, line: 2, text: 'nothing' } },
  ]);
});

describe('the password of a proxy', () => {
  test.each([
    'HttpProxy.Host=http://user:Sesame@proxy.example',
    "HttpProxy.Host='http://user:Sesame@proxy.example'",
    'HttpProxy.Host=http://user:Sesame@a.example\nHttpProxy.Host=http://user:Sesame1@b.example',
    'HttpProxy.Host=http://user:Sesame@a.example#b',
    'HttpProxy.Port=user:Sesame@proxy.example',
    'Logs.Verbose=user:Sesame@proxy.example',
    'export HttpProxy.Host=http://user:Sesame@proxy.example',
    'Http.Proxy=http://user:Sesame@proxy.example',
  ])('is in nothing that is told about %j', (text) => {
    const { problems, oddities, rejected, unknownKeys, ...rest } = configurationOf(text);
    const told = [problems, oddities, rejected, unknownKeys, rest.assignments.map(({ evidence }) => evidence)];
    expect(JSON.stringify(told)).not.toContain('Sesame');
    expect(JSON.stringify(told)).toContain('***@');
  });

  it('leaves the line readable', () => {
    const { evidence } = configurationOf('HttpProxy.Host=http://user:Sesame@proxy.example').string('HttpProxy.Host');
    expect(evidence?.text).toBe('HttpProxy.Host=http://***@proxy.example');
  });
});

test('a line is shown up to a thousand characters', () => {
  const text = `OS.SshDir=${'x'.repeat(2000)}`;
  expect(configurationOf(text).string('OS.SshDir').evidence?.text).toBe(text.slice(0, 1000));
});

describe('bytes', () => {
  test.each<[string, number[], object]>([
    ['none', [], { defect: 'empty' }],
    ['that begin no character', [0x41, 0xff], { defect: 'not-utf8', offset: 1 }],
    ['that go on with none', [0x41, 0xef, 0x41], { defect: 'not-utf8', offset: 1 }],
    ['behind a byte order mark', [0xef, 0xbb, 0xbf, 0x41, 0xff], { defect: 'not-utf8', offset: 4 }],
  ])('that no agent can decode: %s', (_, bytes, expected) => {
    expect(readConfiguration(path, Uint8Array.from(bytes), false)).toStrictEqual({ path, ...expected });
  });

  it('that are missing', () => {
    expect(readConfiguration(path, undefined, false)).toStrictEqual({ path, defect: 'missing' });
  });
});

describe('for a rule about settings', () => {
  const installed: Tree = { '/usr/sbin/waagent': '#!/usr/bin/python3\n' };
  test.each<[string, Tree, object]>([
    ['there is none without the agent', { [path]: 'Logs.Verbose=y\n' }, { outcome: 'not-applicable' }],
    ['it is unknown where it could not be read', { ...installed, [path]: { dir: true } }, { outcome: 'unknown' }],
    ['there is none where it is missing', installed, { outcome: 'not-applicable' }],
    ['it is what the agent reads', { ...installed, [path]: 'Logs.Verbose=y\n' }, { path }],
  ])('%s', async (_, tree, expected) => {
    expect(usableConfiguration(await imageFrom(tree).get(agent))).toMatchObject(expected);
  });
});
