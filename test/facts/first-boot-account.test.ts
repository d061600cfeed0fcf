import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../src/engine/model.ts';
import { cloudInit as cloudInitFact } from '../../src/facts/cloud-init.ts';
import { notForCloudInit } from '../../src/facts/first-boot/chosen.ts';
import { type Candidate, type FirstBoot, firstBoot, type Provisioner } from '../../src/facts/first-boot.ts';
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
  marker,
  noNewKeys,
  nothing,
  oldAgent,
  script,
  serviceOff,
  stagesOff,
  switchedOff,
  unit,
  wants,
} from './first-boot-images.ts';

const laid = (trees: readonly Tree[]) => imageFrom(trees.reduce(overlay));
const place = ({ path, line }: Evidence) => (line === undefined ? path : `${path}:${line}`);

const system = '/usr/lib/systemd/system';
const stage = ['/etc/systemd/system/cloud-init.target.wants', system].map((path) => `${path}/cloud-init-local.service`);
const service = [`${wants}/waagent.service`, `${system}/waagent.service`];
const dataSources = '/etc/cloud/cloud.cfg.d/91-azure_datasource.cfg:1';
const azureInitUnit = [`${wants}/azure-init.service`, `${system}/azure-init.service`];
const afterburnUnit = [`${wants}/afterburn-checkin.service`, `${system}/afterburn-checkin.service`];
const options = '/boot/loader/entries/ostree-1.conf:5';
const [firstLine, secondLine] = ['/etc/waagent.conf:1', '/etc/waagent.conf:2'];

const cloudInitReads =
  'cloud-init reads the provisioning DVD, sets the host name, creates the administrator and makes host keys';
const agentReads =
  'waagent reads the provisioning DVD, sets the host name, creates the administrator and makes host keys';
const agentReady = 'waagent reports ready';
const onlyReports = 'waagent is told not to provision by Provisioning.Agent=disabled and reports ready';
const agentFails = 'after 30 minutes waagent reports ProvisioningFailed';
const azureGivesUp = 'after about 40 minutes Azure gives up';
const sleeps = 'waagent finds the marker /var/lib/waagent/disable_agent and sleeps: no extension ever runs';
const switchOff = '/etc/cloud/cloud-init.disabled switches cloud-init off';

const disabled = conf('Provisioning.Agent=disabled');
const asleep: Tree = { '/var/lib/waagent/disable_agent': '' };
const notFirstBoot: Tree = { '/etc/machine-id': '' };
const reporter: Tree = { ...enabledUnit('x.service', '/usr/bin/python3 /opt/x.py'), '/opt/x.py': script };
const closed = { unreadable: 'permission denied' } as const;
const flatcarWithAgent = [flatcar, { '/oem/sysext/oem-azure-4230.2.1.raw': { base64: 'aHNxcw==' } }];

interface Story {
  readonly name: string;
  readonly trees: readonly Tree[];
  readonly steps: readonly string[];
  readonly evidence: readonly string[];
}

const stories: readonly Story[] = [
  {
    name: 'waagent waits for cloud-init',
    trees: [both],
    steps: [cloudInitReads, 'waagent waits for ovf-env.xml and /etc/ssh/ssh_host_rsa_key.pub', agentReady],
    evidence: [firstLine, ...stage, dataSources],
  },
  {
    name: 'waagent is told to wait for cloud-init and then sleeps',
    trees: [both, asleep, conf('Logs.Verbose=n', 'Provisioning.Agent=cloud-init')],
    steps: [cloudInitReads, 'waagent waits for ovf-env.xml and /etc/ssh/ssh_host_rsa_key.pub', agentReady, sleeps],
    evidence: [secondLine, ...stage, dataSources],
  },
  {
    name: 'an old agent is told to wait for cloud-init',
    trees: [both, oldAgent, conf('Provisioning.Enabled=n', 'Provisioning.UseCloudInit=y')],
    steps: [cloudInitReads, 'waagent waits for ovf-env.xml and /etc/ssh/ssh_host_rsa_key.pub', agentReady],
    evidence: [firstLine, secondLine, ...stage, dataSources],
  },
  {
    name: 'waagent waits where cloud-init does not write',
    trees: [both, conf('Lib.Dir=/data/a'), drop('92-x.cfg', 'datasource: { Azure: { data_dir: /data/b } }\n')],
    steps: [cloudInitReads, agentFails],
    evidence: ['/etc/cloud/cloud.cfg.d/92-x.cfg:1'],
  },
  {
    name: 'waagent waits for a host key that nothing makes',
    trees: [both, noNewKeys],
    steps: [cloudInitReads, 'cloud-init makes no keys by ssh_genkeytypes', agentFails],
    evidence: ['/etc/waagent.conf:3', '/etc/cloud/cloud.cfg.d/95-keys.cfg:1'],
  },
  {
    name: 'waagent waits for a cloud-init that is switched off',
    trees: [both, switchedOff],
    steps: ['waagent sees that cloud-init is enabled and waits for it', `cloud-init: ${switchOff}`, agentFails],
    evidence: [firstLine, ...stage, '/etc/cloud/cloud-init.disabled'],
  },
  {
    name: 'waagent waits for a cloud-init that is not there',
    trees: [agent, conf('Provisioning.Agent=cloud-init')],
    steps: ['waagent is told to wait for cloud-init', 'cloud-init: not installed', agentFails],
    evidence: [firstLine],
  },
  {
    name: 'waagent refuses beside cloud-init and then sleeps',
    trees: [both, asleep, conf('Provisioning.Agent=waagent')],
    steps: [
      cloudInitReads,
      'waagent is told to provision and refuses because cloud-init is enabled',
      'waagent reports ProvisioningFailed',
      sleeps,
    ],
    evidence: [firstLine, ...stage],
  },
  {
    name: 'waagent refuses beside a cloud-init that is enabled but switched off',
    trees: [both, switchedOff, conf('Provisioning.Agent=waagent')],
    steps: [
      'cloud-init is enabled but will not provision',
      'waagent is told to provision and refuses because cloud-init is enabled',
      'waagent reports ProvisioningFailed',
    ],
    evidence: [firstLine, ...stage],
  },
  {
    name: 'an old agent provisions beside cloud-init',
    trees: [both, oldAgent, conf('Provisioning.UseCloudInit=y')],
    steps: [cloudInitReads, 'waagent meets a running cloud-init or an ejected DVD and reports ProvisioningFailed'],
    evidence: [...service, ...stage, dataSources],
  },
  {
    name: 'waagent provisions by default: its service is all there is to show',
    trees: [agent, conf('Logs.Verbose=n')],
    steps: [agentReads, agentReady],
    evidence: service,
  },
  {
    name: 'waagent is told to provision and then sleeps',
    trees: [agent, asleep, conf('Provisioning.Agent=waagent')],
    steps: [agentReads, agentReady, sleeps],
    evidence: [firstLine],
  },
  {
    name: 'waagent only reports ready',
    trees: [agent, disabled],
    steps: [onlyReports],
    evidence: [firstLine],
  },
  {
    name: 'waagent only reports ready beside others that cannot do the work',
    trees: [both, disabled, switchedOff, azureInit, absent('/usr/bin/azure-init')],
    steps: [`cloud-init: ${switchOff}`, 'azure-init: /usr/bin/azure-init is missing', onlyReports],
    evidence: ['/etc/cloud/cloud-init.disabled', ...azureInitUnit, firstLine],
  },
  {
    name: 'waagent believes that it is done',
    trees: [agent, marker],
    steps: ['waagent finds the marker /var/lib/waagent/provisioned and skips provisioning and reports ready'],
    evidence: ['/var/lib/waagent/provisioned'],
  },
  {
    name: 'the service of waagent does not start',
    trees: [agent, notFirstBoot, serviceOff],
    steps: ['waagent has a service that is disabled', azureGivesUp],
    evidence: [`${system}/waagent.service`],
  },
  {
    name: 'waagent cannot start',
    trees: [agent, absent('/etc/waagent.conf')],
    steps: ['waagent cannot start because /etc/waagent.conf is missing', azureGivesUp],
    evidence: ['/etc/waagent.conf'],
  },
  {
    name: 'cloud-init alone',
    trees: [cloudInit],
    steps: [cloudInitReads, 'cloud-init reports ready'],
    evidence: [...stage, dataSources],
  },
  {
    name: 'cloud-init, with an agent that reports too and then sleeps',
    trees: [both, disabled, asleep],
    steps: [cloudInitReads, 'cloud-init reports ready', onlyReports, sleeps],
    evidence: [...stage, dataSources],
  },
  {
    name: 'azure-init',
    trees: [nothing, azureInit],
    steps: ['azure-init sets the host name, creates the administrator and reports ready'],
    evidence: ['/usr/bin/azure-init', ...azureInitUnit],
  },
  {
    name: 'azure-init, with an agent that reports too',
    trees: [agent, azureInit, disabled],
    steps: ['azure-init sets the host name, creates the administrator and reports ready', onlyReports],
    evidence: ['/usr/bin/azure-init', ...azureInitUnit],
  },
  {
    name: 'Ignition and afterburn',
    trees: [nothing, afterburn, bootEntry('ro ignition.platform.id=azure')],
    steps: ['Ignition applies its configuration', 'afterburn-checkin.service reports ready'],
    evidence: [options, ...afterburnUnit],
  },
  {
    name: 'Ignition for another platform',
    trees: [nothing, afterburn, bootEntry('ro ignition.platform.id=qemu')],
    steps: [
      'ignition: the boot entry "Fedora CoreOS" lacks ignition.platform.id=azure',
      'waagent is not installed',
      azureGivesUp,
    ],
    evidence: [options, ...afterburnUnit],
  },
  {
    name: 'Ignition and the agent of a system extension',
    trees: flatcarWithAgent,
    steps: ['Ignition applies its configuration', agentReads, agentReady],
    evidence: ['/oem/sysext/oem-azure-4230.2.1.raw'],
  },
  {
    name: "a script of the image's own",
    trees: [nothing, reporter],
    steps: ['x.service speaks to the wire server; what else it does cannot be seen'],
    evidence: ['/opt/x.py'],
  },
  {
    name: "a script of the image's own, with an agent that reports too",
    trees: [agent, disabled, reporter],
    steps: ['x.service speaks to the wire server; what else it does cannot be seen', onlyReports],
    evidence: ['/opt/x.py'],
  },
  { name: 'nobody', trees: [nothing], steps: ['waagent is not installed', azureGivesUp], evidence: [] },
  {
    name: 'nobody can say',
    trees: [both, { '/etc/waagent.conf': closed }],
    steps: [],
    evidence: [],
  },
];

describe('the account of a first boot', () => {
  test.each(stories)('$name', async ({ trees, steps, evidence }) => {
    const { generalized } = await laid(trees).get(firstBoot);
    expect({ steps: generalized.steps, evidence: generalized.evidence.map(place) }).toStrictEqual({ steps, evidence });
  });
});

interface Assessed {
  readonly name: string;
  readonly trees: readonly Tree[];
  readonly who: Candidate['provisioner'];
  /** Why not; none for one that works. */
  readonly obstacles: readonly string[];
  readonly evidence: readonly string[];
  readonly chosen: Provisioner;
  readonly unread?: readonly string[];
}

const dropInClosed: Tree = { '/etc/cloud/cloud.cfg.d/99-installer.cfg': closed };
const dropInError = '/etc/cloud/cloud.cfg.d/99-installer.cfg: permission denied';
const agentObstacle = (reason: string, evidence: readonly string[]) =>
  ({ who: 'waagent', obstacles: [`waagent ${reason}`], evidence, chosen: 'waagent' }) as const;
const ofAzureInit = { who: 'azure-init', chosen: 'azure-init' } as const;
const ofIgnition = { who: 'ignition', chosen: 'ignition' } as const;
const azurePlatform = 'ro ignition.platform.id=azure';
const grubMenu = (title: string, parameters: string) => `menuentry '${title}' {\n  linux /vmlinuz ${parameters}\n}\n`;
const elsewhere = 'waagent comes with the OEM partition, which is not part of the target';

const assessed: readonly Assessed[] = [
  {
    name: 'cloud-init works',
    trees: [cloudInit],
    who: 'cloud-init',
    obstacles: [],
    evidence: [...stage, dataSources],
    chosen: 'cloud-init',
  },
  {
    name: 'cloud-init switched off',
    trees: [cloudInit, switchedOff],
    who: 'cloud-init',
    obstacles: [switchOff],
    evidence: ['/etc/cloud/cloud-init.disabled'],
    chosen: 'cloud-init',
  },
  {
    name: 'cloud-init with an unreadable drop-in',
    trees: [cloudInit, dropInClosed],
    who: 'cloud-init',
    obstacles: [dropInError],
    evidence: [],
    chosen: 'cloud-init',
    unread: [dropInError],
  },
  {
    name: 'cloud-init absent',
    trees: [nothing],
    who: 'cloud-init',
    obstacles: ['not installed'],
    evidence: [],
    chosen: 'none',
  },
  { name: 'waagent works', trees: [agent], who: 'waagent', obstacles: [], evidence: [firstLine], chosen: 'waagent' },
  { name: 'waagent absent', trees: [nothing], ...agentObstacle('is not installed', []), chosen: 'none' },
  {
    name: 'waagent without a service',
    trees: [agent, serviceOff, absent(`${system}/waagent.service`)],
    ...agentObstacle('has no service', []),
  },
  {
    name: 'waagent with its service masked',
    trees: [agent, serviceOff, { '/etc/systemd/system/waagent.service': { link: '/dev/null' } }],
    ...agentObstacle('has a service that is masked', ['/etc/systemd/system/waagent.service']),
  },
  {
    name: 'waagent with an empty configuration',
    trees: [agent, { '/etc/waagent.conf': '' }],
    ...agentObstacle('cannot start because /etc/waagent.conf is empty', ['/etc/waagent.conf']),
  },
  {
    name: 'waagent with a configuration in another encoding',
    trees: [agent, { '/etc/waagent.conf': { base64: '//8K' } }],
    ...agentObstacle('cannot start because /etc/waagent.conf is not UTF-8', ['/etc/waagent.conf']),
  },
  {
    name: 'waagent with an unreadable configuration',
    trees: [agent, { '/etc/waagent.conf': closed }],
    ...agentObstacle('is configured by a file that could not be read (/etc/waagent.conf: permission denied)', []),
    unread: ['waagent is configured by a file that could not be read (/etc/waagent.conf: permission denied)'],
  },
  {
    name: 'waagent that is told not to provision does not look for its marker',
    trees: [agent, marker, disabled],
    ...agentObstacle('is told not to provision by Provisioning.Agent=disabled', [firstLine]),
  },
  {
    name: 'an old waagent with both switches off',
    trees: [agent, oldAgent, conf('Provisioning.Enabled=n', 'Provisioning.UseCloudInit=n')],
    ...agentObstacle('is told not to provision by Provisioning.Enabled=n', [firstLine, secondLine]),
  },
  {
    name: 'an old waagent that is told to provision',
    trees: [agent, oldAgent, conf('Provisioning.Enabled=y')],
    who: 'waagent',
    obstacles: [],
    evidence: [firstLine],
    chosen: 'waagent',
  },
  {
    name: 'azure-init works',
    trees: [nothing, azureInit],
    ...ofAzureInit,
    obstacles: [],
    evidence: ['/usr/bin/azure-init', ...azureInitUnit],
  },
  {
    name: 'azure-init without its program',
    trees: [nothing, azureInit, absent('/usr/bin/azure-init')],
    ...ofAzureInit,
    obstacles: ['/usr/bin/azure-init is missing'],
    evidence: azureInitUnit,
  },
  {
    name: 'azure-init without its unit',
    trees: [nothing, { '/usr/bin/azure-init': '' }],
    ...ofAzureInit,
    obstacles: ['azure-init.service does not start at boot (absent)'],
    evidence: ['/usr/bin/azure-init'],
  },
  {
    name: 'azure-init of which nobody can say whether the program is there',
    trees: [
      nothing,
      azureInit,
      { '/usr/bin/azure-init': { link: '/opt/closed/x' }, '/opt/closed': { ...closed, dir: true } },
    ],
    ...ofAzureInit,
    obstacles: ['/opt/closed: permission denied'],
    evidence: ['/usr/bin/azure-init', ...azureInitUnit],
    unread: ['/opt/closed: permission denied'],
  },
  {
    name: 'azure-init absent',
    trees: [nothing],
    who: 'azure-init',
    obstacles: ['not installed'],
    evidence: [],
    chosen: 'none',
  },
  {
    name: 'Ignition with a unit that is off',
    trees: [nothing, notFirstBoot, unit('afterburn-checkin.service', '/usr/bin/afterburn --check-in')],
    ...ofIgnition,
    obstacles: ['afterburn-checkin.service does not start at boot (disabled)'],
    evidence: [`${system}/afterburn-checkin.service`],
  },
  {
    name: 'Ignition with boot entries that cannot be read',
    trees: [nothing, afterburn, { '/boot/loader/entries': { ...closed, dir: true } }],
    ...ofIgnition,
    obstacles: ['/boot/loader/entries: permission denied'],
    evidence: afterburnUnit,
    unread: ['/boot/loader/entries: permission denied'],
  },
  {
    name: 'Ignition with two menus of which one lacks the platform',
    trees: [
      nothing,
      afterburn,
      { '/boot/grub2/grub.cfg': grubMenu('UEFI', 'ro'), '/boot/grub/grub.cfg': grubMenu('BIOS', azurePlatform) },
    ],
    ...ofIgnition,
    obstacles: ['the boot entry "UEFI" lacks ignition.platform.id=azure'],
    evidence: ['/boot/grub2/grub.cfg:2', ...afterburnUnit],
  },
  {
    name: 'Ignition with two menus for Azure',
    trees: [
      nothing,
      afterburn,
      {
        '/boot/grub2/grub.cfg': grubMenu('UEFI', azurePlatform),
        '/boot/grub/grub.cfg': grubMenu('BIOS', azurePlatform),
      },
    ],
    ...ofIgnition,
    obstacles: [],
    evidence: ['/boot/grub2/grub.cfg:2', '/boot/grub/grub.cfg:2', ...afterburnUnit],
  },
  {
    name: 'Ignition without boot entries',
    trees: [nothing, afterburn],
    ...ofIgnition,
    obstacles: ['the image holds no boot entry, so ignition.platform.id is not known'],
    evidence: afterburnUnit,
    unread: ['the image holds no boot entry, so ignition.platform.id is not known'],
  },
  {
    name: 'Ignition with the agent of a system extension',
    trees: flatcarWithAgent,
    ...ofIgnition,
    obstacles: [],
    evidence: ['/oem/sysext/oem-azure-4230.2.1.raw'],
  },
  {
    name: 'Ignition with an agent on an OEM partition that is not there',
    trees: [flatcar],
    ...ofIgnition,
    obstacles: [elsewhere],
    evidence: [],
    unread: [elsewhere],
  },
  {
    name: 'a reporter of the image that nobody can read',
    trees: [nothing, enabledUnit('x.service', '/usr/local/x'), { '/usr/local/x': closed }],
    who: 'custom',
    obstacles: ['/usr/local/x: permission denied'],
    evidence: [],
    chosen: 'none',
    unread: ['/usr/local/x: permission denied'],
  },
  {
    name: 'no reporter of the image',
    trees: [nothing],
    who: 'custom',
    obstacles: ['no unit that starts at boot reports to 168.63.129.16'],
    evidence: [],
    chosen: 'none',
  },
];

describe('the candidates', () => {
  const find = ({ candidates }: FirstBoot, who: Candidate['provisioner']) =>
    candidates.find(({ provisioner }) => provisioner === who);

  test.each(assessed)('$name', async ({ trees, who, obstacles, evidence, chosen, unread = [] }) => {
    const boot = await laid(trees).get(firstBoot);
    const found = find(boot, who);
    expect({ ...found, evidence: found?.evidence.map(place), chosen: boot.chosen, unread: boot.unread }).toStrictEqual({
      provisioner: who,
      works: obstacles.length === 0,
      obstacles,
      evidence,
      chosen,
      unread,
    });
  });

  test('a reporter of the image goes by the name of its unit', async () => {
    expect(find(await laid([nothing, reporter]).get(firstBoot), 'custom')).toEqual({
      provisioner: 'custom',
      name: 'x.service',
      works: true,
      obstacles: [],
      evidence: [{ path: '/opt/x.py' }],
    });
  });
});

describe('an image that does not rely on cloud-init', () => {
  test.each<[string, readonly Tree[], string | undefined]>([
    ['cloud-init alone', [cloudInit], undefined],
    ['an agent that waits for cloud-init', [both], undefined],
    ['no cloud-init', [agent], 'cloud-init is not installed'],
    ['a cloud-init that is off', [both, notFirstBoot, stagesOff], 'waagent is meant to provision, not cloud-init'],
  ])('%s', async (_, trees, reason) => {
    const image = laid(trees);
    expect(notForCloudInit(await image.get(cloudInitFact), await image.get(firstBoot))).toBe(reason);
  });
});
