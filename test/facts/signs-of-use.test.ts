import { describe, expect, it, test } from '@jest/globals';
import type { Fact } from '../../src/engine/define.ts';
import { machineId } from '../../src/facts/machine-id.ts';
import { type SignsOfUse, signsOfUse } from '../../src/facts/signs-of-use.ts';
import { imageFrom, testHost } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

function signsOf(tree: Tree): Promise<SignsOfUse> {
  return imageFrom({ '/etc/os-release': 'ID=debian\n', ...tree }).get(signsOfUse);
}

const user = (shadow: string): Tree => ({
  '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/bash\n',
  '/etc/shadow': shadow,
});
const locked = 'root:*:1::::::\nada:!:1::::::\n';
const denied = { unreadable: 'permission denied' } as const;
const deniedFolder = { ...denied, dir: true } as const;

describe('signs of use', () => {
  test.each<[string, Tree, string, string, string]>([
    [
      'a machine id',
      { '/etc/machine-id': '0123456789abcdef0123456789abcdef\n' },
      'machine-id',
      'a machine id',
      '/etc/machine-id',
    ],
    [
      'the link to an instance',
      { '/var/lib/cloud/instance': { link: 'instances/i-1' } },
      'cloud-init-instance',
      'a cloud-init instance',
      '/var/lib/cloud/instance',
    ],
    [
      'a cached instance without the link',
      { '/var/lib/cloud/instances/i-1/obj.pkl': 'x' },
      'cloud-init-instance',
      'a cloud-init instance',
      '/var/lib/cloud/instances/i-1',
    ],
    [
      "the agent's marker",
      { '/var/lib/waagent/provisioned': 'id', '/var/lib/waagent/ovf-env.xml': 'x' },
      'agent-state',
      "the agent's provisioning state",
      '/var/lib/waagent/provisioned',
    ],
    [
      "the agent's copy of ovf-env.xml",
      { '/var/lib/waagent/ovf-env.xml': 'x' },
      'agent-state',
      "the agent's provisioning state",
      '/var/lib/waagent/ovf-env.xml',
    ],
    [
      'a private host key',
      { '/etc/ssh/ssh_host_rsa_key.pub': 'x', '/etc/ssh/ssh_host_rsa_key': 'x' },
      'host-keys',
      'ssh host keys',
      '/etc/ssh/ssh_host_rsa_key',
    ],
    [
      'an account with a password',
      user('root:*:1::::::\nada:$6$a$b:1::::::\n'),
      'account',
      'the account ada with credentials',
      '/etc/shadow',
    ],
    [
      'the first account of several that has one',
      {
        '/etc/passwd': 'ada:x:1000:1000::/home/ada:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/bash\n',
        '/etc/shadow': 'ada:!:1::::::\nbob:$6$a$b:1::::::\n',
      },
      'account',
      'the account bob with credentials',
      '/etc/shadow',
    ],
    [
      'an account with a key',
      { ...user(locked), '/home/ada/.ssh/authorized_keys': 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB a\n' },
      'account',
      'the account ada with credentials',
      '/home/ada/.ssh/authorized_keys',
    ],
    ['a host name', { '/etc/hostname': 'build7\n' }, 'host-name', 'the host name build7', '/etc/hostname'],
    [
      'a lease',
      { '/var/lib/dhcp/dhclient.eth0.leases': 'lease {\n}\n' },
      'dhcp-leases',
      'DHCP leases',
      '/var/lib/dhcp/dhclient.eth0.leases',
    ],
  ])('include %s', async (_, tree, kind, description, path) => {
    const { signs, unseen } = await signsOf(tree);
    expect(signs).toMatchObject([{ kind, description, evidence: { path } }]);
    expect(unseen).toStrictEqual([]);
  });

  test.each<[string, Tree]>([
    ['an image that waits', {}],
    ['a machine id to be made', { '/etc/machine-id': 'uninitialized\n' }],
    ['an instance without its object', { '/var/lib/cloud/instances/i-1/vendor-data.txt': 'x' }],
    ['other state of the agent', { '/var/lib/waagent/Incarnation': '1' }],
    ['a public host key alone', { '/etc/ssh/ssh_host_rsa_key.pub': 'x' }],
    ['a locked account', user(locked)],
    ['root alone', user('root:$6$a$b:1::::::\nada:!:1::::::\n')],
    ['a neutral host name', { '/etc/hostname': 'localhost\n' }],
    ['the identity of a DHCP client', { '/var/lib/dhcpcd/duid': '00:01' }],
  ])('do not include %s', async (_, tree) => {
    expect(await signsOf(tree)).toMatchObject({ signs: [], unseen: [] });
  });

  test.each<[string, Tree, string]>([
    ['machine-id', { '/etc/machine-id': denied }, '/etc/machine-id'],
    ['cloud-init-instance', { '/var/lib/cloud': deniedFolder }, '/var/lib/cloud'],
    ['agent-state', { '/var/lib/waagent': deniedFolder }, '/var/lib/waagent'],
    ['host-keys', { '/etc/ssh': deniedFolder }, '/etc/ssh'],
    ['account', { ...user(locked), '/etc/shadow': denied }, '/etc/shadow'],
    ['account', { ...user(locked), '/home/ada/.ssh/authorized_keys': denied }, '/home/ada/.ssh/authorized_keys'],
    ['host-name', { '/etc/hostname': denied }, '/etc/hostname'],
    ['dhcp-leases', { '/var/lib/dhcp': deniedFolder }, '/var/lib/dhcp'],
  ])('say of %s what could not be read', async (kind, tree, path) => {
    const { unseen } = await signsOf(tree);
    expect(unseen.map((one) => [one.kind, one.reason.path])).toContainEqual([kind, path]);
  });

  it('count as seen even where something beside them could not be read', async () => {
    const { signs, unseen } = await signsOf({
      '/var/lib/dhcp': deniedFolder,
      '/var/lib/NetworkManager/internal-1.lease': 'ADDRESS=10.0.0.4\n',
    });
    expect(signs).toMatchObject([{ kind: 'dhcp-leases' }]);
    expect(unseen).toStrictEqual([]);
  });

  it('do not hide a mistake of the program', async () => {
    const scan = imageFrom({});
    const get = <T>(fact: Fact<T>): Promise<T> => {
      if (fact.id === machineId.id) throw new TypeError('a mistake');
      return scan.get(fact);
    };
    const { rootFs, disk, fileName } = scan;
    await expect(signsOfUse.compute({ rootFs, disk, fileName, host: testHost, get })).rejects.toThrow('a mistake');
  });

  test.each<[string, Tree, boolean]>([
    ['root with a password', user('root:$6$a$b:1::::::\nada:!:1::::::\n'), true],
    ['a user with a password', user('root:*:1::::::\nada:$6$a$b:1::::::\n'), true],
    ['everybody locked', user(locked), false],
    ['nobody', {}, false],
    ['accounts that cannot be read', { '/etc/passwd': denied }, false],
  ])('tell whether somebody can log in: %s', async (_, tree, expected) => {
    expect((await signsOf(tree)).someoneCanLogIn).toBe(expected);
  });
});
