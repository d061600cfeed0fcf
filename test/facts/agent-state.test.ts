import { describe, expect, it, test } from '@jest/globals';
import { type AgentState, agentState } from '../../src/facts/agent-state.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

function stateOf(tree: Tree): Promise<AgentState> {
  return imageFrom({ '/etc/os-release': 'ID=ubuntu\n', ...tree }).get(agentState);
}

describe('files', () => {
  test.each([
    ['TransportPrivate.pem', 'private-key'],
    ['0123ABCD.prv', 'private-key'],
    ['Certificates.pem', 'private-key'],
    ['Certificates.pfx', 'private-key'],
    ['TransportCert.pem', 'certificate'],
    ['0123ABCD.crt', 'certificate'],
    ['Certificates.p7m', 'certificate'],
    ['Certificates.xml', 'certificate'],
    ['Certificates.pem.sha256', 'certificate'],
    ['OldCertificates.pem', 'certificate'],
    ['0123ABCD.p7m', 'certificate'],
    ['0123ABCD.p7b', 'certificate'],
    ['ovf-env.xml', 'provisioning'],
    ['ovf-env.xml.1', 'provisioning'],
    ['CustomData', 'provisioning'],
    ['old-ovf-env.xml', 'state'],
    ['MyCustomData', 'state'],
    ['CustomData.lock', 'state'],
    ['MyCertificates.xml', 'state'],
    ['0123ABCD.prv.lock', 'state'],
    ['0123ABCD.crt.lock', 'state'],
    ['0123ABCD.p7x', 'state'],
    ['TransportPrivate.pem.lock', 'state'],
    ['GoalState.1.xml', 'state'],
    ['Incarnation', 'state'],
    ['Microsoft.Azure.Extensions.CustomScript.1.manifest.xml', 'state'],
  ])('%s is a %s', async (name, kind) => {
    const path = `/var/lib/waagent/${name}`;
    expect((await stateOf({ [path]: 'x' })).files).toStrictEqual([{ kind, evidence: { path } }]);
  });

  test.each(['history', 'OldCertificates.pem'])(
    '%s is state where it is a directory with something in it',
    async (name) => {
      const path = `/var/lib/waagent/${name}`;
      const { files } = await stateOf({ [`${path}/1`]: '' });
      expect(files).toStrictEqual([{ kind: 'state', evidence: { path } }]);
    },
  );

  it('count in Lib.Dir even when they are empty', async () => {
    const { files } = await stateOf({ '/var/lib/waagent/initialized': '' });
    expect(files).toStrictEqual([{ kind: 'state', evidence: { path: '/var/lib/waagent/initialized' } }]);
  });

  it('follows Lib.Dir and Extension.LogDir', async () => {
    const { files } = await stateOf({
      '/etc/waagent.conf': 'Lib.Dir=/srv/agent\nExtension.LogDir=/srv/log\n',
      '/srv/agent/Incarnation': '1',
      '/srv/log/Microsoft.Test/a.log': 'x',
      '/var/lib/waagent/Incarnation': '1',
    });
    expect(files.map(({ evidence }) => evidence.path)).toStrictEqual([
      '/srv/agent/Incarnation',
      '/srv/log/Microsoft.Test',
    ]);
  });

  it('finds logs and what azure-init keeps', async () => {
    const { files } = await stateOf({
      '/var/log/waagent.log': 'x',
      '/var/log/waagent.log.1.gz': 'x',
      '/var/log/old-waagent.log': 'x',
      '/var/log/azure-init.log': 'x',
      '/var/lib/azure-init/4d3e.provisioned': '',
    });
    expect(files.map(({ kind, evidence }) => [kind, evidence.path])).toStrictEqual([
      ['log', '/var/log/waagent.log'],
      ['log', '/var/log/waagent.log.1.gz'],
      ['azure-init', '/var/lib/azure-init/4d3e.provisioned'],
      ['azure-init', '/var/log/azure-init.log'],
    ]);
  });

  it('leaves out what is empty, pre-staged, or told elsewhere', async () => {
    const { files, stagedAgents } = await stateOf({
      '/var/lib/waagent/provisioned': 'id',
      '/var/lib/waagent/disable_agent': '',
      '/var/lib/waagent/events': { dir: true },
      '/var/lib/waagent/WALinuxAgent-2.11.1.4/bin/agent.egg': 'PK',
      '/var/lib/waagent/WALinuxAgent-2.11.1.4.zip': 'PK',
      '/var/lib/waagent/Microsoft.Test-1.0/config/0.settings': '{}',
      '/var/log/waagent.log': '',
      '/var/log/azure': { dir: true },
    });
    expect(files).toStrictEqual([]);
    expect(stagedAgents).toHaveLength(2);
  });

  it('says what could not be read and tells the rest', async () => {
    const { files, unread } = await stateOf({
      '/var/lib/waagent': { unreadable: 'permission denied', dir: true },
      '/var/log/waagent.log': 'x',
    });
    expect(files).toHaveLength(1);
    expect(unread.map(({ message }) => message)).toStrictEqual(['/var/lib/waagent: permission denied']);
  });
});

describe('extensions', () => {
  test.each([
    ['config/0.settings', true],
    ['config/HandlerState', true],
    ['status/0.status', true],
    ['mrseq', true],
    ['bin/handler.sh', false],
    ['config/readme', false],
    ['config/0.settings.old', false],
    ['config/OldHandlerState', false],
    ['config/HandlerState.lock', false],
    ['status/0.status.tmp', false],
    ['0.status', false],
  ])('with %s count as set up: %s', async (file, configured) => {
    const path = '/var/lib/waagent/Microsoft.Azure.Extensions.CustomScript-2.1.10';
    const { extensions } = await stateOf({
      [`${path}/${file}`]: '1',
      [`${path}/config/HandlerEnvironment.json`]: '{}',
    });
    expect(extensions).toStrictEqual([
      {
        name: 'Microsoft.Azure.Extensions.CustomScript',
        version: '2.1.10',
        form: 'folder',
        configured,
        evidence: { path },
      },
    ]);
  });

  test.each<[string, object]>([
    ['Microsoft.Test-1.0.zip', { name: 'Microsoft.Test', version: '1.0', form: 'package' }],
    ['Microsoft.Test-10.ZIP', { name: 'Microsoft.Test', version: '10', form: 'package' }],
    ['MyWALinuxAgent-1.0.zip', { name: 'MyWALinuxAgent', version: '1.0', form: 'package' }],
  ])('may be a package: %s', async (name, expected) => {
    const path = `/var/lib/waagent/${name}`;
    const { extensions, files } = await stateOf({ [path]: 'PK' });
    expect(extensions).toStrictEqual([{ ...expected, configured: false, evidence: { path } }]);
    expect(files).toStrictEqual([]);
  });

  test.each(['Microsoft.Test-10.0', 'MyWALinuxAgent-1.0'])('may be a folder: %s', async (name) => {
    const { extensions, files } = await stateOf({ [`/var/lib/waagent/${name}/HandlerManifest.json`]: '{}' });
    expect(extensions).toMatchObject([
      { form: 'folder', configured: false, evidence: { path: `/var/lib/waagent/${name}` } },
    ]);
    expect(files).toStrictEqual([]);
  });

  test.each([
    'Microsoft.Test-1.0',
    'Microsoft.Test-1.0.zip/readme',
    'Microsoft-Test-1.0/readme',
    'Microsoft.Test-1.0.bak/readme',
    'Microsoft.Test-1.0.zip.sha256',
    'Microsoft.Test-x/readme',
  ])('are none by another name or type: %s', async (name) => {
    const { extensions, files } = await stateOf({ [`/var/lib/waagent/${name}`]: 'x' });
    expect(extensions).toStrictEqual([]);
    expect(files).toMatchObject([{ kind: 'state' }]);
  });

  it('do not include an agent laid down ahead of time', async () => {
    const { extensions } = await stateOf({ '/var/lib/waagent/WALinuxAgent-2.11.1.4.zip': 'PK' });
    expect(extensions).toStrictEqual([]);
  });
});

describe('units', () => {
  const unit =
    '# This unit file (Version=1.4) was created by the Azure VM Agent.\n[Service]\nExecStart=/usr/bin/python3 /var/lib/waagent/waagent-network-setup.py\n';
  test.each<[string, Tree, boolean]>([
    ['fails without its script', {}, true],
    ['runs with its script', { '/var/lib/waagent/waagent-network-setup.py': 'x' }, false],
    [
      'is skipped under its condition',
      {
        '/etc/systemd/system/walinuxagent-network-setup.service': `[Unit]\nConditionPathExists=/var/lib/waagent/waagent-network-setup.py\n${unit}`,
      },
      false,
    ],
    [
      'fails under a condition that is commented out',
      { '/etc/systemd/system/walinuxagent-network-setup.service': `[Unit]\n#ConditionPathExists=/x\n${unit}` },
      true,
    ],
  ])('the firewall unit %s', async (_, tree, fails) => {
    const path = '/etc/systemd/system/walinuxagent-network-setup.service';
    const { units } = await stateOf({ [path]: unit, ...tree });
    expect(units).toStrictEqual([{ kind: 'network-setup', evidence: { path }, fails }]);
  });

  it('are found once where /lib is a link', async () => {
    const { units } = await stateOf({
      '/lib': { link: 'usr/lib' },
      '/usr/lib/systemd/system/waagent.service.d/12-CPUQuota.conf': '[Service]\nCPUQuota=75%\n',
      '/usr/lib/systemd/system/azure-walinuxagent-logcollector.slice': '[Slice]\n',
    });
    const paths = ['waagent.service.d/12-CPUQuota.conf', 'azure-walinuxagent-logcollector.slice'];
    expect(units).toStrictEqual(
      paths.map((path) => ({
        kind: 'resource-control',
        evidence: { path: `/usr/lib/systemd/system/${path}` },
        fails: false,
      })),
    );
  });

  const dropIn = 'systemd/system/walinuxagent.service.d/10-Slice.conf';
  const list = '/var/lib/dpkg/info/walinuxagent.list';
  test.each<[string, Tree]>([
    [
      'of a package of a merged /usr',
      { '/lib': { link: 'usr/lib' }, [`/usr/lib/${dropIn}`]: '[Service]\n', [list]: `/.\n/usr/lib/${dropIn}\n` },
    ],
    [
      'of a package from before /usr was merged',
      { '/lib': { link: 'usr/lib' }, [`/usr/lib/${dropIn}`]: '[Service]\n', [list]: `/.\n/lib/${dropIn}\n` },
    ],
    [
      'of a package that brings the link',
      { [`/etc/${dropIn}`]: { link: '/srv/slice' }, '/srv/slice': '[Service]\n', [list]: `/etc/${dropIn}\n` },
    ],
    [
      "of a package that brings the link's target",
      { [`/etc/${dropIn}`]: { link: '/srv/slice' }, '/srv/slice': '[Service]\n', [list]: '/srv/slice\n' },
    ],
    ['of the distribution itself', { '/usr/lib/systemd/system/azure.slice': '[Slice]\n' }],
    [
      'masked',
      { '/dev/null': { device: true }, '/etc/systemd/system/waagent-network-setup.service': { link: '/dev/null' } },
    ],
    ['that are not there, whatever their package lists', { [list]: { unreadable: 'permission denied' } }],
  ])('%s do not count', async (_, tree) => {
    expect(await stateOf(tree)).toMatchObject({ units: [], unread: [] });
  });

  it('are unknown where their package cannot be asked', async () => {
    const { units, unread } = await stateOf({
      [`/etc/${dropIn}`]: '[Service]\n',
      [list]: { unreadable: 'permission denied' },
    });
    expect(units).toStrictEqual([]);
    expect(unread).toMatchObject([{ path: list }]);
  });
});
