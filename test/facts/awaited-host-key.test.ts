import { describe, expect, it, test } from '@jest/globals';
import { type AwaitedHostKey, firstBoot } from '../../src/facts/first-boot.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { overlay } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { both, conf, drop, enabledUnit, keygen, noNewKeys } from './first-boot-images.ts';

async function keyOf(...trees: readonly Tree[]): Promise<AwaitedHostKey | undefined> {
  return (await imageFrom([both, ...trees].reduce(overlay)).get(firstBoot)).hostKey;
}

/** Where the usual image tells the type. */
const usualType = { path: '/etc/waagent.conf', line: 3, text: 'Provisioning.SshHostKeyPairType=rsa' };
const waagentConf = { path: '/etc/waagent.conf', line: 1 };
const typeSetting = (type: string) => conf(`Provisioning.SshHostKeyPairType=${type}`);
const keySettings = (...lines: string[]) => drop('95-keys.cfg', `${lines.join('\n')}\n`);
const keySettingsAt = (line: number) => ({ path: '/etc/cloud/cloud.cfg.d/95-keys.cfg', line });
const keyFile = (type: string): Tree => ({ [`/etc/ssh/ssh_host_${type}_key.pub`]: 'ssh AAAA\n' });
const staysOff: Tree = {
  '/usr/lib/systemd/system/sshd-keygen.service.d/off.conf':
    '[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n',
};
const template: Tree = {
  '/usr/lib/systemd/system/sshd-keygen@.service': '[Service]\nExecStart=/usr/libexec/openssh/sshd-keygen %i\n',
};
/** The server wants one instance of the template. */
const instance = (type: string): Tree => ({
  ...template,
  '/usr/lib/systemd/system/sshd.service': `[Unit]\nWants=sshd-keygen@${type}.service\n[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n`,
  '/etc/systemd/system/multi-user.target.wants/sshd.service': { link: '/usr/lib/systemd/system/sshd.service' },
});

interface Row {
  readonly name: string;
  readonly trees: readonly Tree[];
  readonly reason: string;
  readonly evidence: readonly object[];
}

const made: readonly Row[] = [
  {
    name: 'of the usual type, by cloud-init as it comes',
    trees: [],
    reason: 'cloud-init makes a key of type rsa',
    evidence: [],
  },
  {
    name: 'of a type that cloud-init is told to make',
    trees: [typeSetting('ed25519'), keySettings('ssh_genkeytypes: [ed25519]')],
    reason: 'cloud-init makes a key of type ed25519',
    evidence: [keySettingsAt(1)],
  },
  {
    name: 'by a unit that makes all types',
    trees: [typeSetting('ecdsa'), noNewKeys, keygen],
    reason: 'sshd-keygen.service makes a key of type ecdsa',
    evidence: [{ path: '/usr/lib/systemd/system/sshd-keygen.service', line: 2 }],
  },
  {
    name: 'by the instance of a template for its type',
    trees: [typeSetting('ecdsa'), noNewKeys, instance('ecdsa')],
    reason: 'sshd-keygen@ecdsa.service makes a key of type ecdsa',
    evidence: [{ path: '/usr/lib/systemd/system/sshd-keygen@.service', line: 2 }],
  },
  {
    name: 'before, and cloud-init leaves it there',
    trees: [keySettings('ssh_genkeytypes: []', 'ssh_deletekeys: false'), keyFile('rsa')],
    reason: 'the key is in the image and stays',
    evidence: [{ path: '/etc/ssh/ssh_host_rsa_key.pub' }],
  },
];

const notMade: readonly Row[] = [
  {
    name: 'of a type that OpenSSH gave up',
    trees: [typeSetting('dsa'), keySettings('ssh_genkeytypes: [dsa]')],
    reason: 'OpenSSH no longer makes keys of type dsa',
    evidence: [waagentConf],
  },
  {
    name: 'of a type that is not among those that cloud-init makes',
    trees: [conf('# keys', 'Provisioning.SshHostKeyPairType=ecdsa'), keySettings('ssh_genkeytypes: [rsa, ed25519]')],
    reason: 'cloud-init makes rsa, ed25519 by ssh_genkeytypes',
    evidence: [{ path: '/etc/waagent.conf', line: 2 }, keySettingsAt(1)],
  },
  {
    name: 'where cloud-init is given the keys, of other types',
    trees: [keySettings('ssh_keys:', '  ed25519_private: x')],
    reason: 'cloud-init makes ed25519 by ssh_keys',
    evidence: [usualType, keySettingsAt(1)],
  },
  {
    name: 'where cloud-init is told to make none',
    trees: [noNewKeys],
    reason: 'cloud-init makes no keys by ssh_genkeytypes',
    evidence: [usualType, keySettingsAt(1)],
  },
  {
    name: 'where cloud-init does not run its ssh module',
    trees: [drop('95-modules.cfg', 'cloud_init_modules: [users-groups]\n')],
    reason: "cloud-init's module lists lack ssh",
    evidence: [usualType],
  },
  {
    name: 'where the units stay off beside cloud-init',
    trees: [
      noNewKeys,
      keygen,
      staysOff,
      enabledUnit('ssh-host-key-gen.service', '/usr/bin/ssh-keygen -A'),
      {
        '/usr/lib/systemd/system/ssh-host-key-gen.service.d/off.conf':
          '[Unit]\nConditionPathExists=!/run/cloud-init/enabled\n',
      },
    ],
    reason:
      'cloud-init makes no keys by ssh_genkeytypes, and ssh-host-key-gen.service, sshd-keygen.service stay off while cloud-init is active',
    evidence: [
      usualType,
      keySettingsAt(1),
      { path: '/usr/lib/systemd/system/ssh-host-key-gen.service', line: 2 },
      { path: '/usr/lib/systemd/system/sshd-keygen.service', line: 2 },
    ],
  },
  {
    name: 'where the one unit stays off beside cloud-init',
    trees: [noNewKeys, keygen, staysOff],
    reason: 'cloud-init makes no keys by ssh_genkeytypes, and sshd-keygen.service stays off while cloud-init is active',
    evidence: [usualType, keySettingsAt(1), { path: '/usr/lib/systemd/system/sshd-keygen.service', line: 2 }],
  },
  {
    name: 'by a unit that makes all usual types, for another type',
    trees: [typeSetting('ed448'), keygen],
    reason: 'cloud-init makes rsa, ecdsa, ed25519 by ssh_genkeytypes',
    evidence: [waagentConf],
  },
  {
    name: 'by the instance of a template for another type',
    trees: [typeSetting('ecdsa'), noNewKeys, instance('ed25519')],
    reason: 'cloud-init makes no keys by ssh_genkeytypes',
    evidence: [waagentConf, keySettingsAt(1)],
  },
  {
    name: 'where the agent looks elsewhere',
    trees: [conf('OS.SshDir=/data/ssh'), keygen],
    reason: 'cloud-init writes host keys to /etc/ssh, not to /data/ssh',
    evidence: [],
  },
  {
    name: 'where the agent looks elsewhere and the unit stays off anyhow',
    trees: [conf('OS.SshDir=/data/ssh'), noNewKeys, keygen, staysOff],
    reason: 'cloud-init writes host keys to /etc/ssh, not to /data/ssh',
    evidence: [keySettingsAt(1), { path: '/usr/lib/systemd/system/sshd-keygen.service', line: 2 }],
  },
  {
    name: 'where the image has one that cloud-init deletes',
    trees: [noNewKeys, keyFile('rsa')],
    reason: 'cloud-init makes no keys by ssh_genkeytypes',
    evidence: [usualType, keySettingsAt(1)],
  },
  {
    name: 'where the image keeps its private half alone',
    trees: [
      keySettings('ssh_genkeytypes: []', 'ssh_deletekeys: false'),
      { '/etc/ssh/ssh_host_rsa_key': 'private', '/etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAA\n' },
    ],
    reason: 'cloud-init makes no keys by ssh_genkeytypes',
    evidence: [usualType, keySettingsAt(1)],
  },
];

describe('the host key that waagent waits for beside cloud-init', () => {
  test.each(made)('is made $name', async ({ trees, reason, evidence }) => {
    const key = await keyOf(...trees);
    expect(key).toMatchObject({ created: true, reason, evidence });
    expect(key?.path).toBe(`/etc/ssh/ssh_host_${key?.type}_key.pub`);
  });

  test.each(notMade)('is not made $name', async ({ trees, reason, evidence }) => {
    expect(await keyOf(...trees)).toMatchObject({ created: false, reason, evidence });
  });

  it('is sought where OS.SshDir says, with or without a slash at its end', async () => {
    expect(await keyOf(conf('OS.SshDir=/data/ssh'))).toMatchObject({ path: '/data/ssh/ssh_host_rsa_key.pub' });
    expect(await keyOf(conf('OS.SshDir=/etc/ssh/'))).toMatchObject({
      path: '/etc/ssh/ssh_host_rsa_key.pub',
      created: true,
    });
  });

  it('cannot be said where the files that might make it cannot be read', async () => {
    const closed: Tree = { '/etc/ssh': { unreadable: 'permission denied', dir: true } };
    expect(await keyOf(typeSetting('ecdsa'), noNewKeys, closed)).toMatchObject({
      created: undefined,
      type: 'ecdsa',
      path: '/etc/ssh/ssh_host_ecdsa_key.pub',
      reason: 'what else makes host keys could not be read',
      evidence: [waagentConf],
    });
  });
});
