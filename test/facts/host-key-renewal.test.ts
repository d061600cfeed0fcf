import { describe, expect, it, test } from '@jest/globals';
import { firstBoot } from '../../src/facts/first-boot.ts';
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
      'of cloud-init that is given nothing it knows',
      [byCloudInit, keys('ssh_keys: {foo_private: x, rsa_certificate: y}\n')],
      ['cloud-init', [], undefined],
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
      unread: [],
    });
    expect(await renewalOf(byCloudInit, keys('ssh_genkeytypes: ~\nssh_deletekeys: 0\n'))).toMatchObject({
      makesNone: { path, line: 1 },
    });
    expect(await renewalOf(byCloudInit)).not.toHaveProperty('makesNone');
    const switched = 'Provisioning.RegenerateSshHostKeyPair=y';
    const agent = { name: 'the agent', evidence: [{ path: '/etc/waagent.conf', line: 1, text: switched }] };
    expect(await renewalOf(byAgent, conf(`${switched}\n`))).toStrictEqual({
      deleter: agent,
      creators: [agent],
      unread: [],
    });
  });

  it('names what of cloud-init could not be read', async () => {
    const path = '/etc/cloud/cloud.cfg.d/99-keys.cfg';
    const { unread } = await renewalOf(byCloudInit, { [path]: { unreadable: 'permission denied' } });
    expect(unread.map(({ message }) => message)).toEqual([`${path}: permission denied`]);
  });

  it('cannot be told when the configuration of the agent cannot be read', async () => {
    const unread = renewalOf(byAgent, { '/etc/waagent.conf': { unreadable: 'permission denied' } });
    await expect(unread).rejects.toThrow('/etc/waagent.conf: permission denied');
  });
});

describe('the host key that the agent waits for', () => {
  const both = root('cloud-init-with-waagent');
  const publicKey = (type: string, folder = '/etc/ssh'): Tree => ({
    [`${folder}/ssh_host_${type}_key.pub`]: 'ssh-x AAAA\n',
  });
  const silenced: Tree = {
    ...keygen,
    [`${unit}.d/disable-sshd-keygen-if-cloud-init-active.conf`]:
      '[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n',
  };
  const template = '/usr/lib/systemd/system/sshd-keygen@.service';
  const instance = (type: string): Tree => ({
    [template]: '[Service]\nExecStart=/usr/libexec/openssh/sshd-keygen %i\n',
    [`/etc/systemd/system/multi-user.target.wants/sshd-keygen@${type}.service`]: { link: template },
  });
  const none = keys('ssh_genkeytypes: []\n');
  const kept = keys('ssh_genkeytypes: []\nssh_deletekeys: false\n');
  const agent = (...lines: readonly string[]) => conf(['Provisioning.Agent=auto', ...lines, ''].join('\n'));
  const wanted = (type: string) => agent(`Provisioning.SshHostKeyPairType=${type}`);
  const elsewhere = agent('OS.SshDir=/etc/ssh2');

  async function awaited(...trees: readonly Tree[]) {
    const os: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };
    const { hostKey } = await imageFrom([os, both, ...trees].reduce(overlay)).get(firstBoot);
    if (!hostKey) throw new Error('the agent waits for no key');
    return hostKey;
  }

  const off = 'sshd-keygen.service stays off while cloud-init is active';
  test.each<[string, readonly Tree[], boolean | undefined, string]>([
    ['cloud-init makes it', [], true, 'cloud-init makes a key of type rsa'],
    ['auto is rsa', [wanted('auto'), keys('ssh_genkeytypes: rsa\n')], true, 'cloud-init makes a key of type rsa'],
    [
      'no setting is rsa',
      [agent(), keys('ssh_genkeytypes: [ed25519]\n')],
      false,
      'cloud-init makes ed25519 by ssh_genkeytypes',
    ],
    ['another type', [wanted('ecdsa')], true, 'cloud-init makes a key of type ecdsa'],
    ['a type that nobody makes', [wanted('dsa')], false, 'OpenSSH no longer makes keys of type dsa'],
    ['null makes none', [keys('ssh_genkeytypes: ~\n')], false, 'cloud-init makes no keys by ssh_genkeytypes'],
    ['keys that are given', [keys('ssh_keys: {rsa_private: x}\n')], true, 'cloud-init makes a key of type rsa'],
    ['a public key that is given', [keys('ssh_keys: {rsa_public: x}\n')], true, 'cloud-init makes a key of type rsa'],
    [
      'only other keys are given',
      [keys('ssh_keys: {ecdsa_private: x, ed25519_public: y}\n')],
      false,
      'cloud-init makes ecdsa, ed25519 by ssh_keys',
    ],
    ['no mapping is given', [keys('ssh_keys: [rsa_private]\n')], false, 'cloud-init makes no keys by ssh_keys'],
    [
      'names that only resemble',
      [keys('ssh_keys: {rsa_private_key: x, my_rsa_private: y}\n')],
      false,
      'cloud-init makes no keys by ssh_keys',
    ],
    [
      'the module does not run',
      [keys('cloud_init_modules: [users-groups]\n')],
      false,
      "cloud-init's module lists lack ssh",
    ],
    ['a unit makes it', [none, keygen], true, 'sshd-keygen.service makes a key of type rsa'],
    [
      'a unit of this type',
      [none, wanted('ecdsa'), instance('ecdsa')],
      true,
      'sshd-keygen@ecdsa.service makes a key of type ecdsa',
    ],
    ['a unit of another type', [none, instance('ecdsa')], false, 'cloud-init makes no keys by ssh_genkeytypes'],
    ['a unit that is not enabled', [none, sleepingKeygen], false, 'cloud-init makes no keys by ssh_genkeytypes'],
    ['a unit that stays off', [none, silenced], false, `cloud-init makes no keys by ssh_genkeytypes, and ${off}`],
    ['the key stays', [kept, publicKey('rsa')], true, 'the key is in the image and stays'],
    [
      'the key stays for want of the module',
      [keys('cloud_init_modules: [users-groups]\n'), publicKey('rsa')],
      true,
      'the key is in the image and stays',
    ],
    ['the key goes', [none, publicKey('rsa')], false, 'cloud-init makes no keys by ssh_genkeytypes'],
    ['a key of another type stays', [kept, publicKey('ecdsa')], false, 'cloud-init makes no keys by ssh_genkeytypes'],
    [
      'only the private key stays',
      [kept, { '/etc/ssh/ssh_host_rsa_key': 'x' }],
      false,
      'cloud-init makes no keys by ssh_genkeytypes',
    ],
    ['the agent looks elsewhere', [elsewhere], false, 'cloud-init writes host keys to /etc/ssh, not to /etc/ssh2'],
    [
      'the agent looks elsewhere, beside a unit',
      [elsewhere, keygen],
      false,
      'cloud-init writes host keys to /etc/ssh, not to /etc/ssh2',
    ],
    [
      'the agent looks elsewhere, beside a unit that stays off',
      [elsewhere, silenced],
      false,
      'cloud-init writes host keys to /etc/ssh, not to /etc/ssh2',
    ],
    [
      'units cannot be told',
      [none, { '/etc/ssh': { unreadable: 'permission denied', dir: true } }],
      undefined,
      'what else makes host keys could not be read',
    ],
  ])('%s', async (_, trees, created, reason) => {
    expect(await awaited(...trees)).toMatchObject({ created, reason });
  });

  it('names its place, and the lines that decide', async () => {
    const path = '/etc/cloud/cloud.cfg.d/99-keys.cfg';
    const line = { path: '/etc/waagent.conf', line: 2, text: 'Provisioning.SshHostKeyPairType=ed25519' };
    const generator = { path: unit, line: 2, text: 'ExecStart=/usr/bin/ssh-keygen -A' };
    expect(await awaited(wanted('ed25519'), none, silenced)).toMatchObject({
      type: 'ed25519',
      path: '/etc/ssh/ssh_host_ed25519_key.pub',
      evidence: [line, { path, line: 1 }, generator],
    });
    expect((await awaited(keys('ssh_genkeytypes: [rsa]\n'))).evidence).toEqual([{ path, line: 1 }]);
    expect((await awaited(agent(), kept, publicKey('rsa'))).evidence).toEqual([
      { path: '/etc/ssh/ssh_host_rsa_key.pub' },
    ]);
    expect((await awaited(agent(), none, keygen)).evidence).toEqual([generator]);
    expect((await awaited(agent(), keys('cloud_init_modules: [users-groups]\n'))).evidence).toEqual([]);
    expect((await awaited(agent())).evidence).toEqual([]);
  });
});
