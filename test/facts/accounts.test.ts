import { describe, expect, test } from '@jest/globals';
import { accounts } from '../../src/facts/accounts.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const of = (tree: Tree) => imageFrom(tree).get(accounts);
const root = 'root:x:0:0:root:/root:/bin/bash\n';

describe('passwords', () => {
  const stateOf = async (tree: Tree) => {
    const password = (await of(tree)).byName.get('root')?.password;
    return isCouldNotRead(password) ? password.message : password;
  };

  test.each<[string, Tree, string, string]>([
    [
      'shadow decides when passwd says x',
      { '/etc/passwd': root, '/etc/shadow': 'root:$6$a$b:1:2:3:4:::\n' },
      'usable',
      '/etc/shadow',
    ],
    [
      'passwd decides when it says anything else',
      { '/etc/passwd': root.replace('x', '*'), '/etc/shadow': 'root:$6$a$b:1:2:3:4:::\n' },
      'locked',
      '/etc/passwd',
    ],
    [
      'a line that glibc skips does not exist',
      { '/etc/passwd': root, '/etc/shadow': 'root:$6$a$b\n' },
      'absent',
      '/etc/passwd',
    ],
    ['there is no shadow', { '/etc/passwd': root }, 'absent', '/etc/passwd'],
    [
      'BSD keeps hashes in master.passwd',
      {
        '/etc/passwd': root,
        '/etc/master.passwd':
          'root:$2b$08$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234:0:0::0:0:root:/root:/bin/sh\n',
      },
      'usable',
      '/etc/master.passwd',
    ],
  ])('%s', async (_name, tree, state, path) => {
    expect(await stateOf(tree)).toMatchObject({ state, evidence: { path, line: 1 } });
  });

  test('an unreadable shadow hides the passwords and nothing else', async () => {
    const found = await of({ '/etc/passwd': root, '/etc/shadow': { unreadable: 'permission denied' } });
    expect(found.accounts).toMatchObject([{ name: 'root', password: { reason: 'permission denied' } }]);
    expect(found.unreadFor).toMatchObject({ passwords: [{ path: '/etc/shadow' }], keys: [], sudo: [] });
  });

  test('hashes that no login uses are named apart', async () => {
    const shadow = 'root:$6$a$b:1:2:3:4:::\ngone:$6$a$b:1:2:3:4:::\nlocked:!$6$a$b:1:2:3:4:::\n';
    const { unusedHashes } = await of({ '/etc/passwd': root.replace('x', '*'), '/etc/shadow': shadow });
    expect(unusedHashes).toEqual([
      { path: '/etc/shadow', line: 1, text: 'root:$6$***' },
      { path: '/etc/shadow', line: 2, text: 'gone:$6$***' },
    ]);
  });
});

describe('who is who', () => {
  test('people have a number from UID_MIN on and a shell that opens a session', async () => {
    const rows = [
      'ops:x:1000:1000::/home/ops:/bin/bash',
      'noshell:x:1001:1001::/home/noshell:',
      'svc:x:1002:1002::/:/usr/sbin/nologin',
      'low:x:999:999::/:/bin/sh',
      'nobody:x:65534:65534::/:/bin/sh',
    ];
    const { accounts: list } = await of({ '/etc/passwd': `${rows.join('\n')}\n` });
    expect(list.filter(({ isHuman }) => isHuman).map(({ name }) => name)).toEqual(['ops', 'noshell', 'svc']);
    expect(list.filter(({ hasLoginShell }) => !hasLoginShell).map(({ name }) => name)).toEqual(['svc']);
  });

  test('the first line of a name is the account', async () => {
    const { byName, accounts: list } = await of({ '/etc/passwd': 'a:x:1:1::/one:/bin/sh\na:x:2:2::/two:/bin/sh\n' });
    expect([byName.get('a')?.uid, list.length]).toEqual([1, 2]);
  });

  test('OS.HomeDir is searched for orphaned homes too', async () => {
    const { orphanedHomes } = await of({
      '/etc/passwd': `${root}ops:x:1000:1000::/srv/home/team/ops:/bin/sh\n`,
      '/usr/sbin/waagent': '#!/usr/bin/python3\n',
      '/etc/waagent.conf': 'OS.HomeDir=/srv/home/\n',
      '/srv/home/team/ops/x': '',
      '/srv/home/ghost/x': '',
      '/home/.snapshots/x': '',
    });
    expect(orphanedHomes).toEqual([{ path: '/srv/home/ghost' }]);
  });
});

describe('sudo', () => {
  const grantsFor = async (sudoers: Tree, groups = '') => {
    const passwd = `${root}ops:x:1000:100::/home/ops:/bin/sh\n`;
    const { byName } = await of({ '/etc/passwd': passwd, '/etc/group': groups, ...sudoers });
    return byName.get('ops')?.sudo.map(({ subject, passwordless, evidence }) => {
      return `${subject} ${passwordless ? 'without' : 'with'} password by ${evidence.path}:${evidence.line}`;
    });
  };

  test.each<[string, string, string[]]>([
    ['by name', 'ops ALL=ALL', ['ops with password by /etc/sudoers:1']],
    ['by number', '#1000 ALL=NOPASSWD: ALL', ['#1000 without password by /etc/sudoers:1']],
    ['by primary group', '%users ALL=ALL', ['%users with password by /etc/sudoers:1']],
    ['by number of a group', '%#100 ALL=ALL', ['%#100 with password by /etc/sudoers:1']],
    ['by membership', '%wheel ALL=ALL', ['%wheel with password by /etc/sudoers:1']],
    ['as everybody', 'ALL ALL=ALL', ['ALL with password by /etc/sudoers:1']],
    [
      'by an alias that is defined later',
      'ADMINS ALL=ALL\nUser_Alias ADMINS = OPS\nUser_Alias OPS = ops, ADMINS',
      ['ops with password by /etc/sudoers:1'],
    ],
    ['not when taken out again', 'OPS, !ops ALL=ALL\nUser_Alias OPS = root, ops', []],
    ['not by a forbidden command', 'ops ALL=!/bin/su', []],
    ['not by another group', '%audio ALL=ALL', []],
    [
      'without a password by default',
      'ops ALL=ALL\nDefaults !authenticate',
      ['ops without password by /etc/sudoers:1'],
    ],
    [
      'with one by a later default',
      'Defaults !authenticate\nDefaults:ops authenticate\nops ALL=ALL',
      ['ops with password by /etc/sudoers:3'],
    ],
    ['with one by a tag', 'Defaults !authenticate\nops ALL=PASSWD: ALL', ['ops with password by /etc/sudoers:2']],
  ])('%s', async (_name, sudoers, expected) => {
    expect(await grantsFor({ '/etc/sudoers': sudoers }, 'users:x:100:\nwheel:x:10:ops\naudio:x:29:root\n')).toEqual(
      expected,
    );
  });

  test('included files, relative ones beside the including one, directories in order', async () => {
    const found = await grantsFor({
      '/etc/sudoers': '@include sudoers.local\n#includedir /etc/sudoers.d\n',
      '/etc/sudoers.local': 'ops ALL=ALL\n',
      '/etc/sudoers.d/20': 'ops ALL=ALL\n',
      '/etc/sudoers.d/10': 'ops ALL=ALL\n',
      '/etc/sudoers.d/30.x': 'ops ALL=ALL\n',
      '/etc/sudoers.d/sub/40': 'ops ALL=ALL\n',
    });
    expect(found).toEqual(
      ['/etc/sudoers.local:1', '/etc/sudoers.d/10:1', '/etc/sudoers.d/20:1'].map((at) => `ops with password by ${at}`),
    );
  });

  test('files that include each other for ever end at a cap', async () => {
    const twice = '@include /etc/sudoers\n@include /etc/sudoers\n';
    const { unreadFor } = await of({ '/etc/passwd': root, '/etc/sudoers': twice });
    expect(unreadFor.sudo).toContainEqual(expect.objectContaining({ reason: 'sudoers includes too many files' }));
  });

  test('aliases that double at each step end', async () => {
    const lines = Array.from({ length: 60 }, (_, n) => `User_Alias A${n} = A${n + 1}, A${n + 1}`);
    expect(await grantsFor({ '/etc/sudoers': `${lines.join('\n')}\nUser_Alias A60 = ops\nA0 ALL=ALL\n` })).toHaveLength(
      1,
    );
  });
});

describe('keys', () => {
  const key = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB me@build\n';

  test('lie where AuthorizedKeysFile says, with %h, %u and %U replaced', async () => {
    const { byName } = await of({
      '/etc/passwd': 'ops:x:1000:1000::/home/ops:/bin/sh\n',
      '/etc/ssh/sshd_config': 'AuthorizedKeysFile %h/keys /etc/keys/%u /etc/uids/%U .ssh/100%%\n',
      '/home/ops/keys': key,
      '/etc/keys/ops': key,
      '/etc/uids/1000': key,
      '/home/ops/.ssh/100%': key,
      '/home/ops/.ssh/authorized_keys': key,
    });
    const files = byName.get('ops')?.authorizedKeys.map((file) => file.path);
    expect(files).toEqual(['/home/ops/keys', '/etc/keys/ops', '/etc/uids/1000', '/home/ops/.ssh/100%']);
  });

  test('none means none', async () => {
    const tree = {
      '/etc/passwd': root,
      '/etc/ssh/sshd_config': 'AuthorizedKeysFile none\n',
      '/root/.ssh/authorized_keys': key,
    };
    expect((await of(tree)).byName.get('root')?.authorizedKeys).toEqual([]);
  });

  test('an sshd_config that cannot be read leaves the usual places, and a note', async () => {
    const found = await of({
      '/etc/passwd': root,
      '/etc/ssh/sshd_config': { unreadable: 'permission denied' },
      '/root/.ssh/authorized_keys': key,
    });
    expect(found.byName.get('root')?.authorizedKeys).toMatchObject([
      { keys: [{ path: '/root/.ssh/authorized_keys', line: 1, text: 'ssh-rsa *** me@build' }] },
    ]);
    expect(found.unreadFor.keys).toMatchObject([{ path: '/etc/ssh/sshd_config' }]);
  });
});
