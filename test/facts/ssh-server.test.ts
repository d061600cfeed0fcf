import { describe, expect, test } from '@jest/globals';
import { sshServer } from '../../src/facts/ssh-server.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const of = (tree: Tree) => imageFrom(tree).get(sshServer);

describe('configuration', () => {
  test('the first value wins, drop-ins come where they are included, in lexical order', async () => {
    const { configuration } = await of({
      '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval 1\nPort 22\nPort 2222\n',
      '/etc/ssh/sshd_config.d/10.conf': 'ClientAliveInterval 3m\n',
      '/etc/ssh/sshd_config.d/9.conf': 'ClientAliveInterval 9\n',
      '/etc/ssh/sshd_config.d/.hidden.conf': 'ClientAliveInterval 0\n',
    });
    expect(configuration.seconds('clientaliveinterval')).toEqual({
      seconds: 180,
      evidence: { path: '/etc/ssh/sshd_config.d/10.conf', line: 1, text: 'ClientAliveInterval 3m' },
    });
    expect(configuration.all('PORT').map(({ value }) => value)).toEqual(['22', '2222']);
  });

  test('blocks for some connections do not count, also not through an include, and end with their file', async () => {
    const { configuration } = await of({
      '/etc/ssh/sshd_config': 'Include a\nPermitRootLogin no\nMatch User x\n Include b\n Banner /x\n',
      '/etc/ssh/a': 'Match Group y\n PermitRootLogin yes\n',
      '/etc/ssh/b': 'X11Forwarding yes\n',
    });
    expect(configuration.first('PermitRootLogin')?.value).toBe('no');
    expect([configuration.first('Banner'), configuration.first('X11Forwarding')]).toEqual([undefined, undefined]);
  });

  test('a block for all overrules what stands before it, except for options of the whole server', async () => {
    const { configuration } = await of({
      '/etc/ssh/sshd_config': 'PermitRootLogin no\nUsePAM no\nMatch all\n PermitRootLogin yes\n UsePAM yes\n',
    });
    expect(['PermitRootLogin', 'UsePAM'].map((name) => configuration.first(name)?.value)).toEqual(['yes', 'no']);
  });

  test('the vendor file is used only where /etc has none', async () => {
    const vendor = { '/usr/etc/ssh/sshd_config': 'Port 1\n' };
    expect((await of(vendor)).configuration.path).toBe('/usr/etc/ssh/sshd_config');
    expect((await of({ ...vendor, '/etc/ssh/sshd_config': '' })).configuration.first('Port')).toBeUndefined();
  });

  test('what a file that cannot be read might overrule is unknown, what stands before it is not', async () => {
    const { configuration } = await of({
      '/etc/ssh/sshd_config': 'Port 22\nInclude secret\nBanner /x\n',
      '/etc/ssh/secret': { unreadable: 'permission denied' },
    });
    expect(configuration.first('Port')?.value).toBe('22');
    expect(() => configuration.first('Banner')).toThrow('/etc/ssh/secret: permission denied');
    expect(configuration.unread.map(({ path }) => path)).toEqual(['/etc/ssh/secret']);
  });

  test('files that include each other for ever end at a cap', async () => {
    const { configuration } = await of({ '/etc/ssh/sshd_config': 'Include sshd_config sshd_config\n' });
    expect(configuration.unread.every(isCouldNotRead)).toBe(true);
    expect(configuration.unread.length).toBeGreaterThan(0);
  });
});

describe('host keys', () => {
  test('lie in OS.SshDir', async () => {
    const { hostKeys } = await of({
      '/usr/sbin/waagent': '#!/usr/bin/python3\n',
      '/etc/waagent.conf': 'OS.SshDir=/data/ssh\n',
      '/data/ssh/ssh_host_ed25519_key': 'x',
      '/data/ssh/ssh_host_ed25519_key.pub': 'x',
      '/data/ssh/ssh_host_key': 'x',
      '/data/ssh/ssh_host_rsa_key.old': 'x',
      '/etc/ssh/ssh_host_rsa_key': 'x',
    });
    expect(hostKeys).toEqual([
      { path: '/data/ssh/ssh_host_ed25519_key', type: 'ed25519', isPublic: false },
      { path: '/data/ssh/ssh_host_ed25519_key.pub', type: 'ed25519', isPublic: true },
      { path: '/data/ssh/ssh_host_key', type: 'rsa1', isPublic: false },
    ]);
  });
});

describe('makers of host keys', () => {
  const units = '/usr/lib/systemd/system';
  const wanted = (unit: string): Tree => ({
    [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `${units}/${unit}` },
  });
  const redHat: Tree = {
    [`${units}/sshd.service`]:
      '[Unit]\nWants=sshd-keygen.target\n[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n',
    [`${units}/sshd-keygen.target`]: '[Unit]\nWants=sshd-keygen@rsa.service\nWants=sshd-keygen@ed25519.service\n',
    [`${units}/sshd-keygen@.service`]: '[Service]\nExecStart=/usr/libexec/openssh/sshd-keygen %i\n',
  };
  const dropIn = `${units}/sshd-keygen@.service.d/disable-sshd-keygen-if-cloud-init-active.conf`;
  const condition =
    '[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n';
  const makers = async (tree: Tree) =>
    (await of(tree)).keyGenerators.map(({ unit, startsAtBoot, disabledByCloudInit }) => [
      unit,
      startsAtBoot,
      disabledByCloudInit,
    ]);

  test.each<[string, Tree, unknown[]]>([
    [
      'instances that sshd wants through a target',
      { ...redHat, ...wanted('sshd.service') },
      [
        ['sshd-keygen@ed25519.service', true, false],
        ['sshd-keygen@rsa.service', true, false],
      ],
    ],
    [
      'the drop-in of cloud-init',
      { ...redHat, ...wanted('sshd.service'), [dropIn]: condition },
      [
        ['sshd-keygen@ed25519.service', true, true],
        ['sshd-keygen@rsa.service', true, true],
      ],
    ],
    ['nothing starts while sshd is off', { ...redHat, '/etc/machine-id': `${'0'.repeat(32)}\n` }, []],
    [
      'an enabled instance',
      {
        ...redHat,
        '/etc/machine-id': `${'0'.repeat(32)}\n`,
        '/etc/systemd/system/multi-user.target.wants/sshd-keygen@rsa.service': {
          link: `${units}/sshd-keygen@.service`,
        },
      },
      [['sshd-keygen@rsa.service', true, false]],
    ],
    [
      'an enabled unit of its own',
      {
        [`${units}/sshd-keygen.service`]: '[Service]\nExecStart=/usr/bin/ssh-keygen -A\n',
        ...wanted('sshd-keygen.service'),
      },
      [['sshd-keygen.service', true, false]],
    ],
    [
      'a command before the server',
      {
        [`${units}/ssh.service`]: '[Service]\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStart=/usr/sbin/sshd -D\n',
        ...wanted('ssh.service'),
      },
      [['ssh.service', true, false]],
    ],
    [
      'SUSE',
      {
        [`${units}/sshd.service`]:
          '[Service]\nExecStartPre=/usr/sbin/sshd-gen-keys-start\nExecStart=/usr/sbin/sshd -D\n',
        ...wanted('sshd.service'),
      },
      [['sshd.service', true, false]],
    ],
    [
      'Debian makes keys only when the package is installed',
      {
        [`${units}/ssh.service`]: '[Service]\nExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D\n',
        ...wanted('ssh.service'),
      },
      [],
    ],
    [
      'a masked unit',
      {
        [`${units}/sshd-keygen.service`]: '[Service]\nExecStart=/usr/bin/ssh-keygen -A\n',
        '/etc/systemd/system/sshd-keygen.service': { link: '/dev/null' },
      },
      [],
    ],
  ])('%s', async (_name, tree, expected) => expect(await makers(tree)).toEqual(expected));
});
