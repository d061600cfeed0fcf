import { describe, expect, it, test } from '@jest/globals';
import { type Agent, agent } from '../../src/facts/agent.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const debian: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n', '/usr/sbin/waagent': '#!/usr/bin/python3\n' };

function agentOf(tree: Tree): Promise<Agent> {
  return imageFrom(tree).get(agent);
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

  test.each<[string, Tree]>([
    ['another package', { '/usr/lib/python3.12/site-packages/requests': { dir: true } }],
    ['a file named as the package', { '/usr/lib/python3.12/site-packages/azurelinuxagent': 'x' }],
  ])('does not take %s for the Python package', async (_, tree) => {
    expect(await agentOf(tree)).toMatchObject({ installed: false });
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

  it('assumes the system extension of Flatcar where its directory cannot be read', async () => {
    const found = await agentOf({
      '/etc/os-release': 'ID=flatcar\n',
      '/oem/grub.cfg': '',
      '/oem/sysext': { unreadable: 'permission denied', dir: true },
    });
    expect(found).toMatchObject({ installed: false, inSystemExtension: true });
  });

  test.each(['oem-qemu.raw', 'not-oem-azure.raw'])(
    'takes %s on the OEM partition for another platform',
    async (name) => {
      const found = await agentOf({ '/etc/os-release': 'ID=flatcar\n', [`/oem/sysext/${name}`]: '' });
      expect(found).toMatchObject({ installed: false, inSystemExtension: false });
    },
  );
});

describe('version', () => {
  const versionFile = 'AGENT_NAME = "WALinuxAgent"\nAGENT_VERSION = \'2.7.3.0\'\n';
  const packages = '/usr/lib/python3/dist-packages';
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
      'no name that only resembles one',
      {
        [`${packages}/old-WALinuxAgent-2.2.45.egg-info`]: '',
        [`${packages}/WALinuxAgent-2.2.45.egg-info.bak`]: '',
      },
      undefined,
      undefined,
    ],
    [
      'no copy in another folder',
      {
        [`${packages}/vendor/azurelinuxagent/common/version.py`]: versionFile,
        [`${packages}/old-WALinuxAgent-2.2.45.egg/azurelinuxagent/common/version.py`]: versionFile,
        [`${packages}/WALinuxAgent-2.2.45.egg.bak/azurelinuxagent/common/version.py`]: versionFile,
      },
      undefined,
      undefined,
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
      'the Debian package of a repackaged source',
      { '/var/lib/dpkg/status': 'Package: waagent\nStatus: install ok installed\nVersion: 2.2.45+dfsg-1\n' },
      '2.2.45',
      '/var/lib/dpkg/status',
    ],
    [
      'no Debian package that only resembles it',
      { '/var/lib/dpkg/status': 'Package: waagent-doc\nStatus: install ok installed\nVersion: 2.2.45-1\n' },
      undefined,
      undefined,
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
    ["# AGENT_VERSION = '1.0'\nAGENT_VERSION = '2.7.3.0'", 2],
    ["__AGENT_VERSION = '1.0'\nAGENT_VERSION = '2.7.3.0'", 2],
    ['AGENT_VERSION="2.7.3.0"', 1],
    ["AGENT_VERSION  =  '2.7.3.0'", 1],
  ])('is read from %j on line %d', async (text, line) => {
    const path = `${packages}/azurelinuxagent/common/version.py`;
    const { version } = await agentOf({ ...debian, [path]: text });
    expect(version).toStrictEqual({ text: '2.7.3.0', evidence: { path, line, text: text.split('\n')[line - 1] } });
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
    [
      'Flatcar without the system extension',
      { '/etc/os-release': 'ID=flatcar\nVERSION_ID=3510.2.8\n', '/etc/waagent.conf': 'A=y\n' },
      '/usr/share/oem/waagent.conf',
    ],
    [
      'Flatcar with the system extension',
      { '/etc/os-release': 'ID=flatcar\nVERSION_ID=3550.0.0\n', '/usr/share/oem/waagent.conf': 'A=y\n' },
      '/etc/waagent.conf',
    ],
    ['FreeBSD', { '/etc/os-release': 'ID=freebsd\n' }, '/usr/local/etc/waagent.conf'],
    [
      'FreeBSD with the port and the setup script',
      { '/etc/os-release': 'ID=freebsd\n', '/usr/local/etc/waagent.conf': 'A=y\n', '/etc/waagent.conf': 'A=y\n' },
      '/usr/local/etc/waagent.conf',
    ],
    [
      'FreeBSD without the port',
      { '/etc/os-release': 'ID=freebsd\n', '/etc/waagent.conf': 'A=y\n' },
      '/etc/waagent.conf',
    ],
    [
      'a unit that names it',
      {
        '/usr/lib/systemd/system/walinuxagent.service':
          '[Service]\nExecStart=/usr/sbin/waagent -daemon -configuration-path:/opt/waagent.conf\n',
      },
      '/opt/waagent.conf',
    ],
    ...['configuration-path', '--configuration-path', '/configuration-path'].map((option): [string, Tree, string] => [
      `a unit that names it with ${option}`,
      {
        '/usr/lib/systemd/system/walinuxagent.service': `[Service]\nExecStart=/usr/sbin/waagent ${option}:/opt/a.conf\n`,
      },
      '/opt/a.conf',
    ]),
    ...[
      '[Service]\nExecStart=/usr/sbin/waagent\nExecStartPost=/usr/sbin/waagent -configuration-path:/opt/a.conf\n',
      '[Service]\nExecStart=/usr/sbin/waagent\n[Unit]\nExecStart=/usr/sbin/waagent -configuration-path:/opt/a.conf\n',
      '[Service]\nExecStart=/usr/sbin/waagent x-configuration-path:/opt/a.conf\n',
    ].map((unit): [string, Tree, string] => [
      `a unit that does not name it: ${unit}`,
      { '/usr/lib/systemd/system/walinuxagent.service': unit },
      '/etc/waagent.conf',
    ]),
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
