import { describe, expect, it, test } from '@jest/globals';
import { type Agent, type AgentConfiguration, agent } from '../../src/facts/agent.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const debian: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n', '/usr/sbin/waagent': '#!/usr/bin/python3\n' };

function agentOf(tree: Tree): Promise<Agent> {
  return imageFrom(tree).get(agent);
}

async function configurationOf(text: string): Promise<AgentConfiguration> {
  const { configuration } = await agentOf({ ...debian, '/etc/waagent.conf': text });
  if (isCouldNotRead(configuration) || 'defect' in configuration) throw new Error('no configuration');
  return configuration;
}

describe('installation', () => {
  test.each(['/usr/sbin/waagent', '/usr/bin/waagent', '/usr/local/sbin/waagent', '/usr/share/oem/bin/waagent'])(
    'finds the program %s',
    async (path) => {
      const found = await agentOf({ '/etc/os-release': 'ID=rhel\n', [path]: '#!/usr/bin/python3\n' });
      expect(found).toMatchObject({ installed: true, executable: { path }, inSystemExtension: false });
    },
  );

  it('finds the Python package without the program', async () => {
    const found = await agentOf({ '/usr/lib/python3.12/site-packages/azurelinuxagent': { dir: true } });
    expect(found).toMatchObject({ installed: true });
    expect(found.executable).toBeUndefined();
  });

  it('finds nothing in a plain root, and then says where things would be', async () => {
    expect(await agentOf({ '/etc/os-release': 'ID=fedora\n' })).toMatchObject({
      installed: false,
      legacyProvisioning: false,
      configuration: { path: '/etc/waagent.conf', defect: 'missing' },
      service: { name: 'waagent.service', state: 'absent', startsAtBoot: false },
      libDir: '/var/lib/waagent',
      sshDir: '/etc/ssh',
      extensionLogDir: '/var/log/azure',
      inSystemExtension: false,
    });
  });

  it('cannot say whether it is installed when the directories of programs cannot be read', async () => {
    const denied = { unreadable: 'permission denied', dir: true } as const;
    await expect(agentOf({ '/usr/sbin': denied })).rejects.toThrow('/usr/sbin');
  });

  test.each([
    ['/oem/sysext/oem-azure-4081.2.0.raw', true],
    ['/usr/share/oem/sysext/oem-azure-4081.2.0.raw', true],
  ])('finds the system extension %s', async (path, installed) => {
    const found = await agentOf({ '/etc/os-release': 'ID=flatcar\nVERSION_ID=4081.2.0\n', [path]: '' });
    expect(found).toMatchObject({ installed, executable: { path }, inSystemExtension: true });
  });

  it('assumes the system extension of Flatcar where the OEM partition is not in the target', async () => {
    const found = await agentOf({ '/etc/os-release': 'ID=flatcar\n', '/oem': { dir: true } });
    expect(found).toMatchObject({ installed: false, inSystemExtension: true });
  });

  it('assumes none where the OEM partition is of another platform', async () => {
    const found = await agentOf({ '/etc/os-release': 'ID=flatcar\n', '/oem/sysext/oem-qemu.raw': '' });
    expect(found).toMatchObject({ installed: false, inSystemExtension: false });
  });
});

describe('version', () => {
  const versionFile = 'AGENT_NAME = "WALinuxAgent"\nAGENT_VERSION = \'2.7.3.0\'\n';
  test.each<[string, Tree, string | undefined, string | undefined]>([
    [
      'version.py',
      { '/usr/lib/python3/dist-packages/azurelinuxagent/common/version.py': versionFile },
      '2.7.3.0',
      '/usr/lib/python3/dist-packages/azurelinuxagent/common/version.py',
    ],
    [
      'version.py of the interpreter that has the package',
      {
        '/usr/lib/python3.6/site-packages/distro.py': '',
        '/usr/lib/python3.11/site-packages/azurelinuxagent/common/version.py': versionFile,
      },
      '2.7.3.0',
      '/usr/lib/python3.11/site-packages/azurelinuxagent/common/version.py',
    ],
    [
      'version.py in an unpacked egg',
      {
        '/usr/lib/python2.7/site-packages/WALinuxAgent-2.2.45-py2.7.egg/azurelinuxagent/common/version.py': versionFile,
      },
      '2.7.3.0',
      '/usr/lib/python2.7/site-packages/WALinuxAgent-2.2.45-py2.7.egg/azurelinuxagent/common/version.py',
    ],
    [
      'the name of an egg',
      { '/usr/lib/python2.7/site-packages/WALinuxAgent-2.2.45-py2.7.egg': 'PK' },
      '2.2.45',
      '/usr/lib/python2.7/site-packages/WALinuxAgent-2.2.45-py2.7.egg',
    ],
    [
      'the name of the metadata',
      {
        '/usr/lib/python3.12/site-packages/walinuxagent-2.0.dist-info': { dir: true },
        '/usr/lib/python3.12/site-packages/WALinuxAgent-2.11.1.4.dist-info': { dir: true },
      },
      '2.11.1.4',
      '/usr/lib/python3.12/site-packages/WALinuxAgent-2.11.1.4.dist-info',
    ],
    [
      'the Debian package',
      {
        '/var/lib/dpkg/status':
          'Package: bash\nStatus: install ok installed\nVersion: 5.2\n\nPackage: walinuxagent\nStatus: install ok installed\nVersion: 1:2.2.40-0ubuntu1~18.04\n',
      },
      '2.2.40',
      '/var/lib/dpkg/status',
    ],
    [
      'no Debian package that was removed',
      { '/var/lib/dpkg/status': 'Package: waagent\nStatus: deinstall ok config-files\nVersion: 2.2.40-1\n' },
      undefined,
      undefined,
    ],
  ])('comes from %s', async (_, tree, text, path) => {
    const { version } = await agentOf({ ...debian, ...tree });
    expect(version?.text).toBe(text);
    expect(version?.evidence.path).toBe(path);
  });

  test.each([
    ['2.2.44', true],
    ['2.2.45', false],
    ['2.2.9', true],
    ['2.15.0.1', false],
  ])('%s decides by the old keys: %s', async (version, legacyProvisioning) => {
    const path = '/usr/lib/python3/dist-packages/azurelinuxagent/common/version.py';
    expect(await agentOf({ ...debian, [path]: `AGENT_VERSION = '${version}'\n` })).toMatchObject({
      legacyProvisioning,
    });
  });
});

describe('service', () => {
  const unit =
    '[Service]\nExecStart=/usr/bin/python3 -u /usr/sbin/waagent -daemon\n[Install]\nWantedBy=multi-user.target\n';
  test.each<[string, Tree, string, string, boolean]>([
    [
      'walinuxagent on Debian',
      {
        '/usr/lib/systemd/system/walinuxagent.service': unit,
        '/etc/systemd/system/multi-user.target.wants/walinuxagent.service': {
          link: '/usr/lib/systemd/system/walinuxagent.service',
        },
      },
      'walinuxagent.service',
      'enabled',
      true,
    ],
    [
      'either name on either system',
      { '/usr/lib/systemd/system/waagent.service': unit, '/etc/machine-id': '' },
      'waagent.service',
      'disabled',
      false,
    ],
    [
      'the one that starts, of two',
      {
        '/usr/lib/systemd/system/walinuxagent.service': unit,
        '/usr/lib/systemd/system/waagent.service': unit,
        '/etc/machine-id': '',
        '/etc/systemd/system/multi-user.target.wants/waagent.service': {
          link: '/usr/lib/systemd/system/waagent.service',
        },
      },
      'waagent.service',
      'enabled',
      true,
    ],
    ['the usual name when there is none', {}, 'walinuxagent.service', 'absent', false],
  ])('is %s', async (_, tree, name, state, startsAtBoot) => {
    expect((await agentOf({ ...debian, ...tree })).service).toMatchObject({ name, state, startsAtBoot });
  });
});

describe('configuration', () => {
  test.each<[string, Tree, string]>([
    ['Debian', {}, '/etc/waagent.conf'],
    ['Clear Linux', { '/etc/os-release': 'ID=clear-linux-os\n' }, '/usr/share/defaults/waagent/waagent.conf'],
    [
      'CoreOS',
      { '/etc/os-release': 'ID=coreos\n', '/usr/share/oem/waagent.conf': 'A=y\n' },
      '/usr/share/oem/waagent.conf',
    ],
    ['FreeBSD', { '/etc/os-release': 'ID=freebsd\n' }, '/usr/local/etc/waagent.conf'],
    [
      'a unit that names it',
      {
        '/usr/lib/systemd/system/walinuxagent.service':
          '[Service]\nExecStart=/usr/sbin/waagent -daemon -configuration-path:/opt/waagent.conf\n',
      },
      '/opt/waagent.conf',
    ],
  ])('of %s', async (_, tree, path) => {
    expect((await agentOf({ ...debian, ...tree })).configuration).toMatchObject({ path });
  });

  test.each<[string, Tree, object]>([
    ['missing', {}, { defect: 'missing' }],
    ['empty', { '/etc/waagent.conf': '' }, { defect: 'empty' }],
    ['not UTF-8', { '/etc/waagent.conf': { base64: btoa('# \xc3\xa9\nA=\xe9\n') } }, { defect: 'not-utf8', offset: 7 }],
    ['cut off', { '/etc/waagent.conf': { base64: btoa('A=\xe2\x82') } }, { defect: 'not-utf8', offset: 2 }],
    ['unreadable', { '/etc/waagent.conf': { unreadable: 'permission denied' } }, { code: 'COULD_NOT_READ' }],
    ['a directory', { '/etc/waagent.conf': { dir: true } }, { code: 'COULD_NOT_READ' }],
  ])('can be %s', async (_, tree, expected) => {
    expect((await agentOf({ ...debian, ...tree })).configuration).toMatchObject(expected);
  });

  it('gives values with their lines, and defaults without', async () => {
    const configuration = await configurationOf(
      '# x\nOS.EnableFirewall=y\nLib.Dir=None\nResourceDisk.SwapSizeMB=1_024\n',
    );
    const evidence = { path: '/etc/waagent.conf', line: 2, text: 'OS.EnableFirewall=y' };
    expect(configuration.switch('OS.EnableFirewall')).toStrictEqual({ value: true, evidence });
    expect(configuration.switch('Logs.Collect')).toStrictEqual({ value: true });
    expect(configuration.string('Lib.Dir')).toStrictEqual({ value: '/var/lib/waagent' });
    expect(configuration.int('ResourceDisk.SwapSizeMB')).toMatchObject({ value: 1024, evidence: { line: 4 } });
    expect(configuration.int('HttpProxy.Port')).toStrictEqual({ value: undefined });
    expect(configuration.text('Lib.Dir')).toBeUndefined();
    expect(configuration.assignments.map(({ key }) => key)).toStrictEqual([
      'OS.EnableFirewall',
      'ResourceDisk.SwapSizeMB',
    ]);
  });

  it('takes defaults from other keys', async () => {
    const configuration = await configurationOf('AutoUpdate.Enabled=n\nExtensions.GoalStatePeriod=30\n');
    expect(configuration.switch('AutoUpdate.UpdateToLatestVersion').value).toBe(false);
    expect(configuration.int('Extensions.InitialGoalStatePeriod').value).toBe(30);
  });

  it('tells what the agent rejects', async () => {
    const text =
      'Logs.Verbose=yes\nLogs.Console=on\nOS.EnableFIPS=\nLogs.CollectPeriod=10s\nExtensions.WaitForCloudInitTimeout=60\n';
    const { rejected } = await configurationOf(text);
    expect(rejected.map(({ key, kind, taken, meansTheSame }) => [key, kind, taken, meansTheSame])).toStrictEqual([
      ['Logs.Console', 'switch', 'y', true],
      ['Logs.Verbose', 'switch', 'n', false],
      ['Extensions.WaitForCloudInitTimeout', 'misread', '3600', false],
      ['Logs.CollectPeriod', 'number', '3600', false],
    ]);
  });

  it('tells of lines that are lost or altered, of known keys only', async () => {
    const text = "export Logs.Verbose=y\nOS.SshDir='/etc/ssh'\nMine='x'\n #Logs.Console=n\nprovisioning.agent=auto\n";
    const { problems } = await configurationOf(text);
    expect(problems.map(({ effect, key, evidence }) => [effect, key, evidence.line])).toStrictEqual([
      ['lost', 'Logs.Verbose', 1],
      ['altered', 'OS.SshDir', 2],
      ['lost', 'Provisioning.Agent', 5],
    ]);
  });

  it('masks the password of a proxy', async () => {
    const configuration = await configurationOf('HttpProxy.Host=http://user:secret@proxy.example\n');
    expect(configuration.string('HttpProxy.Host').evidence?.text).toBe('HttpProxy.Host=http://***@proxy.example');
  });
});

describe('markers', () => {
  it('are looked for in Lib.Dir', async () => {
    const found = await agentOf({
      ...debian,
      '/etc/waagent.conf': 'Lib.Dir=/srv//waagent/\n',
      '/srv/waagent/provisioned': 'id',
      '/srv/waagent/disable_agent': { dir: true },
    });
    expect(found).toMatchObject({
      libDir: '/srv/waagent',
      provisionedMarker: { path: '/srv/waagent/provisioned' },
      disableMarker: { path: '/srv/waagent/disable_agent' },
    });
  });

  it('are unknown where only root may look', async () => {
    const found = await agentOf({ ...debian, '/var/lib/waagent': { unreadable: 'permission denied', dir: true } });
    expect(found.markersUnread?.message).toContain('/var/lib/waagent');
    expect(found.provisionedMarker).toBeUndefined();
  });
});
