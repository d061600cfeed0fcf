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
    ['ovf-env.xml', 'provisioning'],
    ['CustomData', 'provisioning'],
    ['GoalState.1.xml', 'state'],
    ['Incarnation', 'state'],
    ['Microsoft.Azure.Extensions.CustomScript.1.manifest.xml', 'state'],
  ])('%s is a %s', async (name, kind) => {
    const path = `/var/lib/waagent/${name}`;
    expect((await stateOf({ [path]: 'x' })).files).toStrictEqual([{ kind, evidence: { path } }]);
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
  ])('with %s count as set up: %s', async (file, configured) => {
    const path = '/var/lib/waagent/Microsoft.Azure.Extensions.CustomScript-2.1.10';
    const { extensions } = await stateOf({ [`${path}/${file}`]: '1' });
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

  it('may be packages', async () => {
    const { extensions } = await stateOf({ '/var/lib/waagent/Microsoft.Test-1.0.zip': 'PK' });
    expect(extensions).toMatchObject([{ name: 'Microsoft.Test', version: '1.0', form: 'package', configured: false }]);
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
    expect(units.map(({ kind, evidence }) => [kind, evidence.path])).toStrictEqual([
      ['resource-control', '/usr/lib/systemd/system/waagent.service.d/12-CPUQuota.conf'],
      ['resource-control', '/usr/lib/systemd/system/azure-walinuxagent-logcollector.slice'],
    ]);
  });

  it('of a package or masked do not count', async () => {
    const { units } = await stateOf({
      '/lib': { link: 'usr/lib' },
      '/usr/lib/systemd/system/walinuxagent.service.d/10-Slice.conf': '[Service]\nSlice=azure.slice\n',
      '/var/lib/dpkg/info/walinuxagent.list': '/.\n/lib/systemd/system/walinuxagent.service.d/10-Slice.conf\n',
      '/usr/lib/systemd/system/azure.slice': '[Slice]\n',
      '/dev/null': { device: true },
      '/etc/systemd/system/waagent-network-setup.service': { link: '/dev/null' },
    });
    expect(units).toStrictEqual([]);
  });
});

describe('monitoring', () => {
  it('tells what is installed, set up and started', async () => {
    const { monitoring } = await stateOf({
      '/opt/microsoft/azuremonitoragent/bin/mdsd': 'x',
      '/opt/microsoft/mdatp/sbin/wdavdaemon': 'x',
      '/etc/opt/microsoft/mdatp/mdatp_onboard.json': '{}',
      '/usr/lib/systemd/system/mdatp.service': '[Service]\nExecStart=/x\n',
      '/etc/systemd/system/multi-user.target.wants/mdatp.service': { link: '/usr/lib/systemd/system/mdatp.service' },
    });
    expect(monitoring).toStrictEqual([
      {
        name: 'Azure Monitor Agent',
        evidence: { path: '/opt/microsoft/azuremonitoragent' },
        onboarding: [],
        startsAtBoot: false,
      },
      {
        name: 'Microsoft Defender for Endpoint',
        evidence: { path: '/opt/microsoft/mdatp' },
        onboarding: [{ path: '/etc/opt/microsoft/mdatp/mdatp_onboard.json' }],
        startsAtBoot: true,
      },
    ]);
  });
});
