import { describe, expect, test } from '@jest/globals';
import {
  type AgentRole,
  type FirstBootFailure,
  type FirstBootOutcome,
  firstBoot,
  type Provisioner,
} from '../../src/facts/first-boot.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { overlay } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';
import {
  absent,
  afterburn,
  agent,
  azureInit,
  bootEntry,
  both,
  cloudInit,
  conf,
  drop,
  enabledUnit,
  flatcar,
  keygen,
  marker,
  noNewKeys,
  nothing,
  oldAgent,
  script,
  serviceOff,
  stages,
  stagesOff,
  switchedOff,
  unit,
  wants,
} from './first-boot-images.ts';

interface Row {
  readonly name: string;
  readonly trees: readonly Tree[];
  readonly outcome: FirstBootOutcome;
  readonly provisioner?: Provisioner;
  readonly chosen: Provisioner;
  readonly role: AgentRole;
  readonly failure?: FirstBootFailure;
  /** Defaults to the summary of the usual image. */
  readonly summary: string | RegExp;
}

const usual = 'cloud-init provisions from Azure, waagent waits for it and reports ready';
const alone = 'cloud-init provisions from Azure and reports ready';
const byReporter = 'cloud-init provisions from Azure, waagent only reports ready';
const fromDvd = 'waagent provisions from the DVD and reports ready';
const deadWait = 'waagent waits 30 minutes for a cloud-init that will not run: provisioning fails';
const claim = 'cloud-init and waagent both claim the machine: ProvisioningFailed';
const unprovisioned = 'waagent reports ready but nothing is provisioned: no administrator';
const silence = 'nobody reports to Azure: OSProvisioningTimedOut';

const ready = (provisioner: Provisioner) => ({ outcome: 'ready', provisioner, chosen: provisioner }) as const;
const readyByCloudInit = ready('cloud-init');
const waits = { role: 'waits-for-cloud-init' } as const;
const deadCloudInit = {
  outcome: 'agent-waits',
  chosen: 'cloud-init',
  ...waits,
  failure: 'cloud-init-cannot-run',
  summary: deadWait,
} as const;
const noHostKey = { outcome: 'agent-waits', chosen: 'cloud-init', ...waits, failure: 'host-key-not-made' } as const;

const rows: readonly Row[] = [
  // Both installed.
  { name: 'auto beside an enabled cloud-init', trees: [both], ...readyByCloudInit, ...waits, summary: usual },
  {
    name: 'no Provisioning.Agent at all',
    trees: [both, conf('Logs.Verbose=n')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'told to wait',
    trees: [both, conf('Provisioning.Agent=cloud-init')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'quotes around the word',
    trees: [both, conf('Provisioning.Agent="auto"')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'None deletes the value',
    trees: [both, conf('Provisioning.Agent=None')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'stages enabled by a preset that runs on first boot',
    trees: [both, stagesOff, { '/usr/lib/systemd/system-preset/90-default.preset': 'enable cloud-*\n' }],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'stages off leaves it to the agent',
    trees: [both, { '/etc/machine-id': '' }, stagesOff],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  {
    name: 'waagent beside an enabled cloud-init',
    trees: [both, conf('Provisioning.Agent=waagent')],
    outcome: 'conflict',
    chosen: 'waagent',
    role: 'conflict',
    failure: 'two-provisioners',
    summary: claim,
  },
  {
    name: 'waagent beside a cloud-init that is enabled but switched off',
    trees: [both, conf('Provisioning.Agent=waagent'), switchedOff],
    outcome: 'conflict',
    chosen: 'waagent',
    role: 'conflict',
    failure: 'two-provisioners',
    summary: 'waagent refuses to provision beside an enabled cloud-init, which will not run: ProvisioningFailed',
  },
  {
    name: 'waagent with the stages off',
    trees: [both, { '/etc/machine-id': '' }, stagesOff, conf('Provisioning.Agent=waagent')],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  { name: 'auto, but cloud-init.disabled', trees: [both, switchedOff], ...deadCloudInit },
  {
    name: 'auto, but a data source list without Azure',
    trees: [both, drop('99-x.cfg', 'datasource_list: [ NoCloud ]\n')],
    ...deadCloudInit,
  },
  {
    name: 'auto, but ds-identify.cfg says disabled',
    trees: [both, { '/etc/cloud/ds-identify.cfg': 'policy: disabled\n' }],
    ...deadCloudInit,
  },
  {
    name: 'auto, but the last stage is off',
    trees: [both, { '/etc/machine-id': '' }, absent(`${stages}/cloud-final.service`)],
    ...deadCloudInit,
  },
  {
    name: 'auto, but ds-identify is missing',
    trees: [both, absent('/usr/lib/cloud-init/ds-identify')],
    ...deadCloudInit,
  },
  {
    name: 'told to wait, stages off',
    trees: [both, { '/etc/machine-id': '' }, stagesOff, conf('Provisioning.Agent=cloud-init')],
    ...deadCloudInit,
  },
  {
    name: 'told to wait, nothing to wait for',
    trees: [agent, conf('Provisioning.Agent=cloud-init')],
    outcome: 'agent-waits',
    chosen: 'cloud-init',
    ...waits,
    failure: 'cloud-init-not-installed',
    summary: 'waagent waits 30 minutes for a cloud-init that is not installed: provisioning fails',
  },
  {
    name: 'disabled beside cloud-init',
    trees: [both, conf('Provisioning.Agent=disabled')],
    ...readyByCloudInit,
    role: 'reports-ready-only',
    summary: byReporter,
  },
  {
    name: 'a word in the wrong case',
    trees: [both, conf('Provisioning.Agent=Auto')],
    ...readyByCloudInit,
    role: 'reports-ready-only',
    summary: byReporter,
  },
  {
    name: 'an empty word',
    trees: [both, conf('Provisioning.Agent=')],
    ...readyByCloudInit,
    role: 'reports-ready-only',
    summary: byReporter,
  },
  {
    name: 'service off',
    trees: [both, { '/etc/machine-id': '' }, serviceOff],
    ...readyByCloudInit,
    role: 'absent',
    summary: alone,
  },
  {
    name: 'configuration missing',
    trees: [both, absent('/etc/waagent.conf')],
    ...readyByCloudInit,
    role: 'dead',
    summary: alone,
  },
  {
    name: 'marker beside cloud-init',
    trees: [both, marker],
    ...readyByCloudInit,
    role: 'already-provisioned',
    summary: byReporter,
  },
  {
    name: 'marker hides the conflict',
    trees: [both, marker, conf('Provisioning.Agent=waagent')],
    ...readyByCloudInit,
    role: 'already-provisioned',
    summary: byReporter,
  },
  {
    name: 'disable_agent lets it provision first',
    trees: [both, { '/var/lib/waagent/disable_agent': '' }],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'agent off, cloud-init off',
    trees: [both, { '/etc/machine-id': '' }, serviceOff, switchedOff],
    outcome: 'timeout',
    chosen: 'cloud-init',
    role: 'absent',
    failure: 'cloud-init-cannot-run',
    summary: silence,
  },
  {
    name: 'disabled, cloud-init off',
    trees: [both, conf('Provisioning.Agent=disabled'), switchedOff],
    outcome: 'ready-unprovisioned',
    chosen: 'cloud-init',
    role: 'reports-ready-only',
    failure: 'cloud-init-cannot-run',
    summary: unprovisioned,
  },
  // Where the agent looks.
  {
    name: 'Lib.Dir moved away from data_dir',
    trees: [both, conf('Lib.Dir=/data/waagent')],
    outcome: 'agent-waits',
    chosen: 'cloud-init',
    ...waits,
    failure: 'ovf-env-elsewhere',
    summary:
      'waagent waits 30 minutes for ovf-env.xml in /data/waagent, which cloud-init writes to /var/lib/waagent: provisioning fails',
  },
  {
    name: 'Lib.Dir and data_dir moved together',
    trees: [
      both,
      conf('Lib.Dir=/data/waagent'),
      drop('92-x.cfg', 'datasource: { Azure: { data_dir: /data/waagent/ } }\n'),
    ],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  // The host key that it waits for.
  {
    name: 'auto means rsa',
    trees: [both, conf('Provisioning.SshHostKeyPairType=auto')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'ed25519 is among the defaults',
    trees: [both, conf('Provisioning.SshHostKeyPairType=ed25519')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'cloud-init makes no keys',
    trees: [both, noNewKeys],
    ...noHostKey,
    summary: /ssh_host_rsa_key\.pub, which nothing makes/,
  },
  {
    name: 'sshd-keygen makes them instead',
    trees: [both, noNewKeys, keygen],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'sshd-keygen stays off while cloud-init is active',
    trees: [
      both,
      noNewKeys,
      keygen,
      {
        '/usr/lib/systemd/system/sshd-keygen.service.d/off.conf':
          '[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n',
      },
    ],
    ...noHostKey,
    summary: /ssh_host_rsa_key/,
  },
  {
    name: 'only other types',
    trees: [both, drop('95-keys.cfg', 'ssh_genkeytypes: [ed25519]\n')],
    ...noHostKey,
    summary: /ssh_host_rsa_key/,
  },
  {
    name: 'a lone string is a list of one',
    trees: [both, drop('95-keys.cfg', 'ssh_genkeytypes: rsa\n')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'keys in the configuration',
    trees: [both, drop('95-keys.cfg', 'ssh_keys: { rsa_private: x }\n')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'no module ssh',
    trees: [both, drop('95-modules.cfg', 'cloud_init_modules: [users-groups]\n')],
    ...noHostKey,
    summary: /ssh_host_rsa_key/,
  },
  {
    name: 'a key in the image that stays',
    trees: [
      both,
      drop('95-keys.cfg', 'ssh_genkeytypes: []\nssh_deletekeys: false\n'),
      { '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAA\n' },
    ],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'a key in the image that cloud-init deletes',
    trees: [both, noNewKeys, { '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAA\n' }],
    ...noHostKey,
    summary: /ssh_host_rsa_key/,
  },
  {
    name: 'dsa',
    trees: [both, conf('Provisioning.SshHostKeyPairType=dsa'), drop('95-keys.cfg', 'ssh_genkeytypes: [dsa]\n')],
    ...noHostKey,
    summary: /ssh_host_dsa_key/,
  },
  // Agents up to 2.2.44.
  {
    name: 'old agent, both old switches',
    trees: [both, oldAgent, conf('Provisioning.Enabled=n', 'Provisioning.UseCloudInit=y')],
    ...readyByCloudInit,
    ...waits,
    summary: usual,
  },
  {
    name: 'old agent, neither provisions nor waits',
    trees: [both, oldAgent, conf('Provisioning.Enabled=n')],
    ...readyByCloudInit,
    role: 'reports-ready-only',
    summary: byReporter,
  },
  {
    name: 'old agent, Enabled wins over UseCloudInit',
    trees: [both, oldAgent, conf('Provisioning.UseCloudInit=y')],
    outcome: 'conflict',
    chosen: 'waagent',
    role: 'provisions',
    failure: 'two-provisioners',
    summary: claim,
  },
  {
    name: 'old agent ignores Provisioning.Agent',
    trees: [agent, oldAgent, conf('Provisioning.Agent=disabled')],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  {
    name: 'newer agent ignores the old switches',
    trees: [agent, conf('Provisioning.Enabled=n', 'Provisioning.UseCloudInit=y')],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  // The agent alone.
  { name: 'agent alone, auto', trees: [agent], ...ready('waagent'), role: 'provisions', summary: fromDvd },
  {
    name: 'agent alone, waagent',
    trees: [agent, conf('Provisioning.Agent=waagent')],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  {
    name: 'agent alone, disabled',
    trees: [agent, conf('Provisioning.Agent=disabled')],
    outcome: 'ready-unprovisioned',
    chosen: 'waagent',
    role: 'reports-ready-only',
    failure: 'agent-told-not-to-provision',
    summary: unprovisioned,
  },
  {
    name: 'agent alone, marker',
    trees: [agent, marker],
    outcome: 'ready-unprovisioned',
    chosen: 'waagent',
    role: 'already-provisioned',
    failure: 'agent-already-provisioned',
    summary: unprovisioned,
  },
  {
    name: 'agent with a marker, cloud-init off on purpose',
    trees: [both, { '/etc/machine-id': '' }, stagesOff, marker],
    outcome: 'ready-unprovisioned',
    chosen: 'waagent',
    role: 'already-provisioned',
    failure: 'agent-already-provisioned',
    summary: unprovisioned,
  },
  {
    name: 'agent alone, service off',
    trees: [agent, { '/etc/machine-id': '' }, serviceOff],
    outcome: 'timeout',
    chosen: 'waagent',
    role: 'absent',
    failure: 'agent-service-not-started',
    summary: silence,
  },
  {
    name: 'agent alone, service masked',
    trees: [
      agent,
      { '/etc/machine-id': '' },
      serviceOff,
      { '/etc/systemd/system/waagent.service': { link: '/dev/null' } },
    ],
    outcome: 'timeout',
    chosen: 'waagent',
    role: 'absent',
    failure: 'agent-service-not-started',
    summary: silence,
  },
  {
    name: 'agent alone, empty configuration',
    trees: [agent, { '/etc/waagent.conf': '' }],
    outcome: 'timeout',
    chosen: 'waagent',
    role: 'dead',
    failure: 'agent-configuration-defect',
    summary: silence,
  },
  {
    name: 'agent alone, configuration missing',
    trees: [agent, absent('/etc/waagent.conf')],
    outcome: 'timeout',
    chosen: 'waagent',
    role: 'dead',
    failure: 'agent-configuration-defect',
    summary: silence,
  },
  // cloud-init alone, and nobody.
  { name: 'cloud-init alone', trees: [cloudInit], ...readyByCloudInit, role: 'absent', summary: alone },
  {
    name: 'cloud-init alone, switched off',
    trees: [cloudInit, switchedOff],
    outcome: 'timeout',
    chosen: 'cloud-init',
    role: 'absent',
    failure: 'cloud-init-cannot-run',
    summary: silence,
  },
  {
    name: 'nothing',
    trees: [nothing],
    outcome: 'timeout',
    chosen: 'none',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  // Others.
  {
    name: 'azure-init',
    trees: [nothing, azureInit],
    ...ready('azure-init'),
    role: 'absent',
    summary: 'azure-init provisions and reports ready',
  },
  {
    name: 'azure-init beside an agent for extensions',
    trees: [agent, azureInit, conf('Provisioning.Agent=disabled')],
    ...ready('azure-init'),
    role: 'reports-ready-only',
    summary: 'azure-init provisions and reports ready',
  },
  {
    name: 'azure-init beside a provisioning agent',
    trees: [agent, azureInit],
    ...ready('waagent'),
    role: 'provisions',
    summary: fromDvd,
  },
  {
    name: 'azure-init without its program',
    trees: [nothing, azureInit, absent('/usr/bin/azure-init')],
    outcome: 'timeout',
    chosen: 'azure-init',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  {
    name: 'azure-init not enabled',
    trees: [nothing, { '/etc/machine-id': '' }, azureInit, absent(`${wants}/azure-init.service`)],
    outcome: 'timeout',
    chosen: 'azure-init',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  {
    name: 'Fedora CoreOS',
    trees: [nothing, afterburn, bootEntry('ro ignition.platform.id=azure')],
    ...ready('ignition'),
    role: 'absent',
    summary: 'Ignition configures the machine and afterburn reports ready',
  },
  {
    name: 'Fedora CoreOS for another platform',
    trees: [nothing, afterburn, bootEntry('ro ignition.platform.id=qemu')],
    outcome: 'timeout',
    chosen: 'ignition',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  {
    name: 'Fedora CoreOS without its boot partition',
    trees: [nothing, afterburn],
    outcome: 'unknown',
    chosen: 'ignition',
    role: 'absent',
    summary: /no boot entry/,
  },
  {
    name: 'Flatcar with the agent in its system extension',
    trees: [flatcar, { '/oem/sysext/oem-azure-4230.2.1.raw': { base64: 'aHNxcw==' } }],
    ...ready('ignition'),
    role: 'provisions',
    summary: 'Ignition configures the machine, waagent creates the administrator and reports ready',
  },
  {
    name: 'Flatcar without its OEM partition',
    trees: [flatcar],
    outcome: 'unknown',
    chosen: 'ignition',
    role: 'unknown',
    summary: /OEM partition/,
  },
  {
    name: 'a script of the image that reports ready',
    trees: [
      nothing,
      enabledUnit('azure-provisioning.service', '/usr/bin/python3 /usr/local/azure-provisioning.py'),
      { '/usr/local/azure-provisioning.py': script },
    ],
    ...ready('custom'),
    role: 'absent',
    summary: "azure-provisioning.service, a unit of the image's own, reports ready",
  },
  {
    name: 'the same script in a unit that does not start',
    trees: [
      nothing,
      { '/etc/machine-id': '' },
      unit('azure-provisioning.service', '/usr/local/azure-provisioning.py'),
      { '/usr/local/azure-provisioning.py': script },
    ],
    outcome: 'timeout',
    chosen: 'none',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  {
    name: 'a script that only asks the wire server for the time',
    trees: [nothing, enabledUnit('x.service', '/usr/local/x'), { '/usr/local/x': '#!/bin/sh\nping 168.63.129.16\n' }],
    outcome: 'timeout',
    chosen: 'none',
    role: 'absent',
    failure: 'no-provisioner',
    summary: silence,
  },
  // Unread.
  {
    name: 'unreadable waagent.conf',
    trees: [both, { '/etc/waagent.conf': { unreadable: 'permission denied' } }],
    outcome: 'unknown',
    chosen: 'cloud-init',
    role: 'unknown',
    summary: /waagent\.conf: permission denied/,
  },
  {
    name: 'unreadable drop-in of cloud-init',
    trees: [both, { '/etc/cloud/cloud.cfg.d/99-installer.cfg': { unreadable: 'permission denied' } }],
    outcome: 'unknown',
    chosen: 'cloud-init',
    role: 'waits-for-cloud-init',
    summary: /99-installer\.cfg: permission denied/,
  },
  {
    name: 'unreadable Lib.Dir, where a marker would matter',
    trees: [agent, { '/var/lib/waagent': { unreadable: 'permission denied', dir: true } }],
    outcome: 'unknown',
    chosen: 'waagent',
    role: 'provisions',
    summary: /\/var\/lib\/waagent/,
  },
  {
    name: 'unreadable script of a unit that starts',
    trees: [nothing, enabledUnit('x.service', '/usr/local/x'), { '/usr/local/x': { unreadable: 'permission denied' } }],
    outcome: 'unknown',
    chosen: 'none',
    role: 'absent',
    summary: /permission denied/,
  },
];

describe('first boot of a generalized image', () => {
  test.each(rows)('$name', async ({ trees, outcome, provisioner, chosen, role, failure, summary }) => {
    const found = await imageFrom(trees.reduce(overlay)).get(firstBoot);
    const { generalized } = found;
    expect({
      outcome: generalized.outcome,
      provisioner: generalized.provisioner,
      chosen: found.chosen,
      role: found.agentRole,
      failure: generalized.failure,
    }).toEqual({ outcome, provisioner: provisioner ?? 'none', chosen, role, failure });
    if (typeof summary === 'string') expect(generalized.summary).toBe(summary);
    else expect(generalized.summary).toMatch(summary);
  });

  test('the marker disable_agent costs extensions, not provisioning', async () => {
    const image = imageFrom(overlay(both, { '/var/lib/waagent/disable_agent': '' }));
    const { steps } = (await image.get(firstBoot)).generalized;
    expect(steps.at(-1)).toBe(
      'waagent finds the marker /var/lib/waagent/disable_agent and sleeps: no extension ever runs',
    );
  });

  test('a wait names what keeps cloud-init from running', async () => {
    const { steps } = (await imageFrom(overlay(both, switchedOff)).get(firstBoot)).generalized;
    expect(steps.join('\n')).toContain('cloud-init.disabled');
  });
});

describe('first boot of a specialized image', () => {
  test.each<{ readonly name: string; readonly tree: Tree; readonly last: string }>([
    {
      name: 'captured from a VM',
      tree: overlay(agent, marker),
      last: 'the machine boots with its own accounts, host keys and host name',
    },
    {
      name: 'an agent that would provision',
      tree: agent,
      last: 'waagent looks for a provisioning DVD that is not there, gives up and goes on with extensions',
    },
    {
      name: 'an agent that waits in vain',
      tree: overlay(both, switchedOff),
      last: 'waagent waits 30 minutes for cloud-init, gives up and goes on with extensions',
    },
    {
      name: 'an active cloud-init',
      tree: both,
      last: 'cloud-init sees a new instance id and repeats its once-per-instance work, such as making host keys',
    },
  ])('$name boots as it is', async ({ tree, last }) => {
    const { specialized } = await imageFrom(tree).get(firstBoot);
    expect(specialized).toMatchObject({ outcome: 'boots-as-is', summary: 'the machine boots as it is' });
    expect(specialized.steps.at(-1)).toBe(last);
  });
});
