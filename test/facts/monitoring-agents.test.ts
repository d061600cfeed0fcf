import { describe, expect, it, test } from '@jest/globals';
import { agentState, type MonitoringAgent } from '../../src/facts/agent-state.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

async function monitoringOf(tree: Tree): Promise<readonly MonitoringAgent[]> {
  return (await imageFrom({ '/etc/os-release': 'ID=ubuntu\n', ...tree }).get(agentState)).monitoring;
}

/** Name, program, units, and what ties it to somebody. */
const products: readonly [string, string, readonly string[], readonly string[]][] = [
  [
    'Azure Monitor Agent',
    '/opt/microsoft/azuremonitoragent',
    ['azuremonitoragent.service', 'mdsd.service'],
    [
      '/etc/opt/microsoft/azuremonitoragent/config-cache/configchunks',
      '/etc/opt/microsoft/azuremonitoragent/config-cache/metricCounters.json',
    ],
  ],
  [
    'Log Analytics agent',
    '/opt/microsoft/omsagent',
    ['omsagent.service'],
    ['/etc/opt/microsoft/omsagent/conf/omsadmin.conf', '/etc/opt/microsoft/omsagent/certs'],
  ],
  [
    'Microsoft Defender for Endpoint',
    '/opt/microsoft/mdatp',
    ['mdatp.service'],
    ['/etc/opt/microsoft/mdatp/mdatp_onboard.json'],
  ],
  [
    'Azure Connected Machine agent',
    '/opt/azcmagent',
    ['himdsd.service'],
    ['/var/opt/azcmagent/agentconfig.json', '/var/opt/azcmagent/certs'],
  ],
];

describe.each(products)('%s', (name, path, units, onboarding) => {
  const program: Tree = { [`${path}/bin/agent`]: 'x' };
  const plain = { name, evidence: { path }, onboarding: [], startsAtBoot: false };

  it('is there by its program alone', async () => {
    expect(await monitoringOf(program)).toStrictEqual([plain]);
  });

  it('is not there by what it leaves behind', async () => {
    expect(await monitoringOf(Object.fromEntries(onboarding.map((file) => [file, 'x'])))).toStrictEqual([]);
  });

  test.each(units)('starts by %s', async (unit) => {
    const found = await monitoringOf({
      ...program,
      [`/usr/lib/systemd/system/${unit}`]: '[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\n',
      [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `/usr/lib/systemd/system/${unit}` },
    });
    expect(found).toStrictEqual([{ ...plain, startsAtBoot: true }]);
  });

  test.each(onboarding)('is set up by %s', async (file) => {
    const tied = [{ ...plain, onboarding: [{ path: file }] }];
    expect(await monitoringOf({ ...program, [file]: '{}' })).toStrictEqual(tied);
    expect(await monitoringOf({ ...program, [`${file}/1`]: '' })).toStrictEqual(tied);
    expect(await monitoringOf({ ...program, [file]: '' })).toStrictEqual([plain]);
    expect(await monitoringOf({ ...program, [file]: { dir: true } })).toStrictEqual([plain]);
  });
});

test('several are told together', async () => {
  const found = await monitoringOf({ '/opt/microsoft/mdatp/x': 'x', '/opt/azcmagent/x': 'x' });
  expect(found.map(({ name }) => name)).toStrictEqual([
    'Microsoft Defender for Endpoint',
    'Azure Connected Machine agent',
  ]);
});
