import { describe, expect, it, test } from '@jest/globals';
import { Scan } from '../../src/engine/scan.ts';
import { agentRuntime } from '../../src/facts/agent-runtime.ts';
import { cloudInitRuntime } from '../../src/facts/cloud-init-runtime.ts';
import { executables } from '../../src/facts/executables.ts';
import { lifecycle } from '../../src/facts/lifecycle.ts';
import { opensslVersion } from '../../src/facts/openssl.ts';
import { python } from '../../src/facts/python.ts';
import { imageFrom, testHost } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const program = { text: '', mode: '0755' };

describe('programs', () => {
  const tree: Tree = {
    '/usr/bin/a': program,
    '/usr/bin/plain': '',
    '/usr/sbin/dangling': { link: 'gone' },
    '/usr/local/bin/a': { link: '../../bin/a' },
    '/sbin': { unreadable: 'permission denied', dir: true },
  };

  it('are found by the first name and folder that has them executable', async () => {
    const { find, at } = await imageFrom(tree).get(executables);
    expect(find('none', 'a')).toEqual({ path: '/usr/local/bin/a' });
    expect(at('/usr/bin/plain')).toBeUndefined();
    expect(at('/usr/sbin/dangling')).toBeUndefined();
  });

  it('may be unseen, which is no absence', async () => {
    const { find } = await imageFrom(tree).get(executables);
    expect(() => find('plain')).toThrow('permission denied');
  });
});

describe('python', () => {
  it('has the version of the file that its links lead to, and the modules of that version', async () => {
    const { at, system } = await imageFrom({
      '/usr/bin/python3': { link: '/etc/alternatives/python3' },
      '/etc/alternatives/python3': { link: '/usr/bin/python3.9' },
      '/usr/bin/python3.9': program,
      '/usr/lib64/python3.9/os.py': '',
      '/usr/lib64/python3.9/lib-dynload/_crypt.cpython-39-x86_64-linux-gnu.so': '',
      '/usr/lib/python3.9/site-packages/distro/__init__.py': '',
      '/usr/lib/python3.9/site-packages/Own-1.0.egg/own/__init__.py': '',
      '/usr/lib/python3.11/site-packages/other.py': '',
    }).get(python);
    const found = at('/usr/bin/python3');
    expect(found).toMatchObject({
      version: '3.9',
      evidence: { path: '/usr/bin/python3.9' },
      standardLibrary: '/usr/lib64/python3.9',
      packageDirectories: ['/usr/lib/python3.9/site-packages'],
    });
    expect(system).toBe(found);
    const modules = ['distro', '_crypt', 'own', 'other', 'nothing'].map((name) => found?.findModule(name)?.path);
    expect(modules).toEqual([
      '/usr/lib/python3.9/site-packages/distro/__init__.py',
      '/usr/lib64/python3.9/lib-dynload/_crypt.cpython-39-x86_64-linux-gnu.so',
      '/usr/lib/python3.9/site-packages/Own-1.0.egg/own',
      undefined,
      undefined,
    ]);
    expect(at('/usr/bin/python')).toBeUndefined();
  });

  test.each<[string, Tree, string | undefined]>([
    ['by the only library', { '/usr/lib64/python3.6/os.py': '' }, '3.6'],
    ['not by one of several', { '/usr/lib64/python3.6/os.py': '', '/usr/lib/python3.9/os.py': '' }, undefined],
    ['not by that of Python 2', { '/usr/lib64/python2.7/os.py': '', '/usr/lib/python3.9/os.py': '' }, '3.9'],
  ])('whose name has no version has it %s', async (_how, tree, version) => {
    const { at } = await imageFrom({ '/usr/bin/python3': program, ...tree }).get(python);
    expect(at('/usr/bin/python3')?.version).toBe(version);
  });
});

describe('the agent', () => {
  const unit = (command: string): Tree => ({
    '/etc/os-release': 'ID=rhel\nVERSION_ID="9.6"\n',
    '/usr/sbin/waagent': { text: '#!/usr/bin/env python3\nimport imp\n', mode: '0755' },
    '/usr/bin/python3': { link: 'python3.9' },
    '/usr/bin/python3.9': program,
    '/usr/lib/python3.9/site-packages/azurelinuxagent/__init__.py': '',
    '/usr/lib/systemd/system/waagent.service': `[Service]\nExecStart=${command}\n`,
  });
  const python3 = { path: '/usr/bin/python3', found: { version: '3.9' } };
  const imported = { path: '/usr/lib/python3.9/site-packages/azurelinuxagent/__init__.py' };

  test.each([
    ['names the interpreter', '/usr/bin/python3 -u /usr/sbin/waagent -daemon'],
    ['names the program', '-/usr/sbin/waagent -daemon'],
  ])('runs with its interpreter when its unit %s', async (_how, command) => {
    expect(await imageFrom(unit(command)).get(agentRuntime)).toMatchObject({
      command: { path: '/usr/lib/systemd/system/waagent.service', line: 2 },
      program: { path: '/usr/sbin/waagent', present: true },
      interpreter: python3,
      imported,
      importsImp: { path: '/usr/sbin/waagent', line: 2, text: 'import imp' },
    });
  });

  it('runs by its first line when there is no unit', async () => {
    const { '/usr/lib/systemd/system/waagent.service': _unit, ...tree } = unit('');
    expect(await imageFrom(tree).get(agentRuntime)).toMatchObject({
      command: { path: '/usr/sbin/waagent' },
      interpreter: python3,
    });
  });

  it('may be a compiled program', async () => {
    const found = await imageFrom({ ...unit('/usr/sbin/waagent'), '/usr/sbin/waagent': program }).get(agentRuntime);
    expect(found).toMatchObject({ program: { present: true } });
    expect(found).not.toHaveProperty('interpreter');
  });
});

test.each<[string, object | undefined]>([
  ['cloud-init init --local', undefined],
  [`sh -c 'echo "start" | nc -U /run/x | sh'`, { netcat: { variant: 'openbsd', evidence: { path: '/usr/bin/nc' } } }],
  [`sh -c 'echo "start" | netcat -Uu -W1 /run/x | sh'`, {}],
])('a stage of cloud-init that runs %s', async (command, socket) => {
  const found = await imageFrom({
    '/usr/bin/cloud-init': { text: '#!/usr/bin/python3\n', mode: '0755' },
    '/usr/lib/systemd/system/cloud-init-local.service': `[Service]\nExecStart=${command}\n`,
    '/usr/bin/nc': { link: 'nc.openbsd' },
    '/usr/bin/nc.openbsd': program,
  }).get(cloudInitRuntime);
  expect(found.interpreter).toEqual({ path: '/usr/bin/python3', found: undefined });
  if (socket === undefined) expect(found.socket).toBeUndefined();
  else expect(found.socket).toEqual({ evidence: expect.objectContaining({ line: 2 }), ...socket });
});

test.each<[string, Tree, object | undefined]>([
  [
    'by its package',
    { '/var/lib/dpkg/status': 'Package: openssl\nStatus: install ok installed\nVersion: 3.0.17-1\n' },
    { text: '3.0.17', isExact: true },
  ],
  ['by its library', { '/usr/lib/x86_64-linux-gnu/libcrypto.so.1.1': '' }, { text: '1.1', isExact: false }],
  [
    'by its library beside a database that cannot be read',
    { '/var/lib/rpm/Packages': 'x', '/usr/lib64/libcrypto.so.10': '' },
    { text: '1.0', isExact: false },
  ],
  ['not at all', {}, undefined],
])('OpenSSL is known %s', async (_how, tree, version) => {
  const found = await imageFrom(tree).get(opensslVersion);
  if (version === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(version);
});

describe('the lifecycle', () => {
  const image = (release: string, endOfLife: Readonly<Record<string, string>> = {}) =>
    new Scan(imageFrom({ '/etc/os-release': release }).rootFs, { ...testHost, data: { endOfLife } }).get(lifecycle);

  it('is that of the dated data', async () => {
    expect(await image('ID=sles_sap\nVERSION_ID="15.6"\n')).toMatchObject({
      release: 'sles-15.6',
      dates: { standard: '2025-12-31', extended: '2028-12-31' },
      source: 'dates as of 2026-08-22',
      today: '2026-01-01',
    });
  });

  it('is what the configuration says, by the exact release or its major version', async () => {
    const own = { dates: { standard: '2030-01-31' }, source: 'the configuration' };
    expect(await image('ID=rhel\nVERSION_ID="9.6"\n', { 'rhel-9.6': '2030-01-31' })).toMatchObject(own);
    expect(await image('ID=rhel\nVERSION_ID="9.6"\n', { 'rhel-9': '2030-01-31' })).toMatchObject(own);
    expect(await image('ID=rhel\nVERSION_ID="9.6"\n', { 'rhel-8': '2030-01-31' })).not.toMatchObject(own);
  });

  test.each([
    ['ID=alpine\nVERSION_ID=3.22.1\n', '2027-05-01'],
    ['ID=debian\nVERSION_ID="13"\n', '2028-08-09'],
    ['ID=sles\nVERSION_ID="15"\n', '2019-12-31'],
    ['NAME="CentOS Stream"\nID=centos\nVERSION_ID="10"\n', '2030-05-31'],
    ['ID=own\nVERSION_ID=1\nSUPPORT_END=2031-02-03\n', '2031-02-03'],
    ['ID=own\nVERSION_ID=1\nSUPPORT_END=soon\n', undefined],
  ])('of %j ends on %s', async (release, day) => {
    expect((await image(release))?.dates?.standard).toBe(day);
  });
});
