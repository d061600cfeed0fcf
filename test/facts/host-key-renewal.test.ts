import { describe, expect, it, test } from '@jest/globals';
import { type HostKeyRenewal, hostKeyRenewal } from '../../src/facts/host-key-renewal.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { overlay, readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';

const root = (name: string) => readBaseTree('fixtures/roots', name);
const byCloudInit = root('cloud-init');
const byAgent = root('waagent');
const conf = (text: string): Tree => ({ '/etc/waagent.conf': text });
const keys = (text: string): Tree => ({ '/etc/cloud/cloud.cfg.d/99-keys.cfg': text });

const unit = '/usr/lib/systemd/system/sshd-keygen.service';
const keygen: Tree = {
  [unit]: '[Service]\nExecStart=/usr/bin/ssh-keygen -A\n[Install]\nWantedBy=multi-user.target\n',
  '/etc/systemd/system/multi-user.target.wants/sshd-keygen.service': { link: unit },
};
const waitingKeygen: Tree = { ...keygen, [unit]: `[Unit]\nConditionPathExists=!/run/cloud-init\n${keygen[unit]}` };
const sleepingKeygen: Tree = { [unit]: '[Service]\nExecStart=/usr/bin/ssh-keygen -A\n' };

function renewalOf(...trees: readonly Tree[]): Promise<HostKeyRenewal> {
  const os: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };
  return imageFrom([os, ...trees].reduce(overlay)).get(hostKeyRenewal);
}

/** Who deletes, who makes, and why nobody deletes; the places are looked at apart. */
async function inShort(...trees: readonly Tree[]) {
  const { deleter, creators, keepReason } = await renewalOf(...trees);
  return [deleter?.name, creators.map(({ name }) => name), keepReason];
}

const off = 'ssh_deletekeys is off in the configuration of cloud-init';
const noModule = 'cloud-init does not run its ssh module';
const told = 'the agent is told to keep them';

describe('host keys on the first boot', () => {
  test.each<[string, readonly Tree[], readonly unknown[]]>([
    ['of cloud-init', [byCloudInit], ['cloud-init', ['cloud-init'], undefined]],
    ['of cloud-init that keeps them', [byCloudInit, keys('ssh_deletekeys: no\n')], [undefined, ['cloud-init'], off]],
    [
      'of cloud-init without its module',
      [byCloudInit, keys('cloud_init_modules: [users-groups]\n')],
      [undefined, [], noModule],
    ],
    ['of cloud-init that makes none', [byCloudInit, keys('ssh_genkeytypes: []\n')], ['cloud-init', [], undefined]],
    ['of cloud-init with null types', [byCloudInit, keys('ssh_genkeytypes: ~\n')], ['cloud-init', [], undefined]],
    [
      'of cloud-init with one type',
      [byCloudInit, keys('ssh_genkeytypes: [rsa]\n')],
      ['cloud-init', ['cloud-init'], undefined],
    ],
    [
      'of cloud-init that is given keys',
      [byCloudInit, keys('ssh_genkeytypes: []\nssh_keys: {rsa_private: x}\n')],
      ['cloud-init', ['cloud-init'], undefined],
    ],
    [
      'of cloud-init that makes none, which a unit does',
      [byCloudInit, keygen, keys('ssh_genkeytypes: []\n')],
      ['cloud-init', ['sshd-keygen.service'], undefined],
    ],
    [
      'of cloud-init that keeps them and makes none',
      [byCloudInit, keygen, keys('ssh_genkeytypes: []\nssh_deletekeys: false\n')],
      [undefined, ['sshd-keygen.service'], off],
    ],
    [
      'of a unit beside cloud-init',
      [byCloudInit, keygen],
      ['cloud-init', ['cloud-init', 'sshd-keygen.service'], undefined],
    ],
    ['of a unit that waits for cloud-init', [byCloudInit, waitingKeygen], ['cloud-init', ['cloud-init'], undefined]],
    ['of a unit that is not enabled', [byCloudInit, sleepingKeygen], ['cloud-init', ['cloud-init'], undefined]],
    [
      'of the agent',
      [byAgent, conf('Provisioning.RegenerateSshHostKeyPair=y\n')],
      ['the agent', ['the agent'], undefined],
    ],
    [
      'of the agent beside a unit that waits for cloud-init in vain',
      [byAgent, waitingKeygen, conf('Provisioning.RegenerateSshHostKeyPair=y\n')],
      ['the agent', ['the agent', 'sshd-keygen.service'], undefined],
    ],
    [
      'of the agent that keeps them',
      [byAgent, conf('Provisioning.RegenerateSshHostKeyPair=n\n')],
      [undefined, [], told],
    ],
    [
      'of the agent that keeps them, beside a unit',
      [byAgent, keygen, conf('Provisioning.RegenerateSshHostKeyPair=n\n')],
      [undefined, ['sshd-keygen.service'], told],
    ],
    ['of the agent without settings', [byAgent, conf('')], [undefined, [], told]],
    ['of nobody', [], [undefined, [], 'nobody provisions']],
    ['of nobody, with a unit', [keygen], [undefined, ['sshd-keygen.service'], 'nobody provisions']],
    [
      'of azure-init',
      [
        {
          '/usr/bin/azure-init': { base64: 'f0VMRg==', mode: '0755' },
          '/usr/lib/systemd/system/azure-init.service': '[Service]\nExecStart=/usr/bin/azure-init\n',
        },
      ],
      [undefined, [], 'azure-init leaves host keys alone'],
    ],
  ])('%s', async (_, trees, expected) => expect(await inShort(...trees)).toStrictEqual(expected));

  it('names the lines that decide', async () => {
    const path = '/etc/cloud/cloud.cfg.d/99-keys.cfg';
    const text = 'ssh_deletekeys: true\nssh_genkeytypes: []\n';
    expect(await renewalOf(byCloudInit, keygen, keys(text))).toStrictEqual({
      deleter: { name: 'cloud-init', evidence: [{ path, line: 1 }] },
      creators: [
        { name: 'sshd-keygen.service', evidence: [{ path: unit, line: 2, text: 'ExecStart=/usr/bin/ssh-keygen -A' }] },
      ],
      makesNone: { path, line: 2 },
    });
    expect(await renewalOf(byCloudInit, keys('ssh_genkeytypes: ~\nssh_deletekeys: 0\n'))).toMatchObject({
      makesNone: { path, line: 1 },
    });
    expect(await renewalOf(byCloudInit)).not.toHaveProperty('makesNone');
    const switched = 'Provisioning.RegenerateSshHostKeyPair=y';
    const agent = { name: 'the agent', evidence: [{ path: '/etc/waagent.conf', line: 1, text: switched }] };
    expect(await renewalOf(byAgent, conf(`${switched}\n`))).toStrictEqual({ deleter: agent, creators: [agent] });
  });

  it('cannot be told when the configuration of the agent cannot be read', async () => {
    const unread = renewalOf(byAgent, { '/etc/waagent.conf': { unreadable: 'permission denied' } });
    await expect(unread).rejects.toThrow('/etc/waagent.conf: permission denied');
  });
});
