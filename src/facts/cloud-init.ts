import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { DataSourceSearch } from '../formats/ds-identify.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { architecture } from './architecture.ts';
import { type CloudConfig, readCloudConfig } from './cloud-init/configuration.ts';
import { findDsIdentify, findGenerator, findInstallation, type Generator } from './cloud-init/installation.ts';
import { opaqueEnvironment, searchInImage } from './cloud-init/search.ts';
import { type CloudInitSwitch, findSwitches } from './cloud-init/switches.ts';
import { type KernelCommandLine, kernelCommandLine } from './kernel-command-line.ts';
import { tryGet } from './try-get.ts';
import { type UnitFiles, type UnitState, unitFiles } from './unit-files.ts';

export type { CloudConfigFile, CloudConfigValue } from '../formats/cloud-config.ts';
export type { DataSourceSearch } from '../formats/ds-identify.ts';
export type { CloudConfig } from './cloud-init/configuration.ts';
export type { CloudInitSwitch } from './cloud-init/switches.ts';

/** A reason why cloud-init will not provision from Azure on first boot. */
export interface CloudInitObstacle {
  /** What stands in the way: each kind has a rule of its own. */
  readonly kind: 'not-installed' | 'configuration' | 'stage' | 'generator' | 'ds-identify' | 'switch' | 'search';
  readonly message: string;
  readonly evidence: readonly Evidence[];
}

export interface CloudInit {
  /** The program is in the image, and a Python package with the Azure data source. */
  readonly installed: boolean;
  readonly executable?: Evidence;
  /** Upstream version; a packager's suffix is left out. */
  readonly version?: { readonly text: string; readonly evidence: Evidence };
  readonly config: CloudConfig;
  /** The stage units that this version consists of. */
  readonly stages: readonly UnitState[];
  /** State of the unit that the agent asks about; `state === 'enabled'` is its test for "cloud-init provisions". */
  readonly localStage: UnitState;
  /** The agent's `enabled(ci)`: exactly `enabled`, or a SysV cloud-init service. */
  readonly enabledForAgent: boolean;
  readonly generator: { readonly present: boolean; readonly evidence: readonly Evidence[] };
  readonly dsIdentify: { readonly present: boolean; readonly evidence: readonly Evidence[] };
  readonly switches: readonly CloudInitSwitch[];
  readonly search: DataSourceSearch;
  /** Reasons why cloud-init will not provision from Azure on first boot; empty when it will. */
  readonly obstacles: readonly CloudInitObstacle[];
  /** What could not be seen outside the configuration: without the command line, `switches` and `search` may be wrong. */
  readonly unread: readonly CouldNotRead[];
}

/** cloud-init: installation, merged configuration, stages, switches and the data source that it will use. */
export const cloudInit = defineFact<CloudInit>({
  id: 'cloud-init',
  description:
    'cloud-init: version, merged configuration with origins, enabled stages, switches, and what ds-identify will decide on Azure.',
  reads: [
    '/usr/bin/cloud-init',
    '/usr/lib/python3*/*-packages/cloudinit/version.py',
    '/etc/cloud/cloud.cfg',
    '/etc/cloud/cloud.cfg.d/*.cfg',
    '/etc/cloud/ds-identify.cfg',
    '/etc/cloud/cloud-init.disabled',
    '/{etc,usr/lib}/systemd/system-generators/cloud-init-generator',
    '/usr/{lib,libexec}/cloud-init/ds-identify',
    '/usr/libexec/ds-identify-env',
    '/{etc,usr/lib}/systemd/system.conf{,.d/*.conf}',
  ],
  async compute(context) {
    const { rootFs } = context;
    const units = await context.get(unitFiles);
    const commandLineOrError = await tryGet(context, kernelCommandLine);
    const commandLine = isCouldNotRead(commandLineOrError) ? noCommandLine : commandLineOrError;
    const processor = await tryGet(context, architecture);

    const installation = findInstallation(rootFs);
    const { config, scanned } = readCloudConfig(rootFs);
    const stages = stageNames(units).map((name) => units.state(name));
    const localStage = units.state('cloud-init-local.service');
    const generator = findGenerator(rootFs);
    const dsIdentify = findDsIdentify(rootFs, generator.dsIdentify);
    const version = installation.version?.text;
    const opaque = opaqueEnvironment(rootFs, dsIdentify, version);
    const unread = [commandLineOrError, opaque].filter(isCouldNotRead);
    const switches = findSwitches(rootFs, commandLine, generator, units.state('cloud-init.target'));
    const search = searchInImage(
      rootFs,
      config,
      scanned,
      commandLine,
      dsIdentify,
      version,
      isCouldNotRead(processor) ? undefined : processor,
    );
    const findings = { installed: installation.installed, config, stages, generator, dsIdentify, switches, search };
    return {
      ...installation,
      ...findings,
      localStage,
      enabledForAgent: localStage.state === 'enabled' || (localStage.onlyByPreset && localStage.startsAtBoot),
      generator: { present: generator.present, evidence: generator.evidence },
      obstacles: findObstacles(findings, localStage),
      unread,
    };
  },
});

const noCommandLine: KernelCommandLine = { entries: [], defaults: [], configured: [] };

/** From 24.3 on one process serves all stages; distributions may keep the older units. */
function stageNames(units: UnitFiles): readonly string[] {
  const present = (name: string) => units.state(name).state !== 'absent';
  const isNew = present('cloud-init-main.service') || present('cloud-init-network.service');
  return isNew
    ? ['main', 'local', 'network'].map((stage) => `cloud-init-${stage}.service`).concat(lateStages)
    : ['cloud-init-local.service', 'cloud-init.service', ...lateStages];
}

const lateStages = ['cloud-config.service', 'cloud-final.service'];

function findObstacles(
  found: Pick<CloudInit, 'installed' | 'config' | 'stages' | 'dsIdentify' | 'switches' | 'search'> & {
    readonly generator: Generator;
  },
  localStage: UnitState,
): readonly CloudInitObstacle[] {
  if (!found.installed) return [{ kind: 'not-installed', message: 'cloud-init is not installed', evidence: [] }];
  const obstacles: CloudInitObstacle[] = [];
  if (found.config.defect) obstacles.push({ kind: 'configuration', ...found.config.defect });
  for (const { name, state, startsAtBoot, evidence } of found.stages) {
    if (startsAtBoot) continue;
    obstacles.push({ kind: 'stage', message: `${name} does not start at boot (${state})`, evidence });
  }
  // Only units need a generator; init scripts call ds-identify themselves or not at all.
  if (localStage.fragmentPath !== undefined && found.switches.every(({ kind }) => kind !== 'generator-masked')) {
    const { generator, dsIdentify } = found;
    if (!generator.present) {
      obstacles.push({
        kind: 'generator',
        message: 'cloud-init-generator, which starts cloud-init, is missing or not executable',
        evidence: generator.evidence,
      });
    } else if (!dsIdentify.present && generator.needsDsIdentify) {
      obstacles.push({
        kind: 'ds-identify',
        message: 'ds-identify, without which cloud-init is not started, is missing or not executable',
        evidence: dsIdentify.evidence,
      });
    }
  }
  for (const { kind, effective, evidence } of found.switches) {
    if (effective) obstacles.push({ kind: 'switch', message: switchMessages[kind], evidence: [evidence] });
  }
  if (found.search.result !== 'azure')
    obstacles.push({ kind: 'search', message: found.search.reason, evidence: found.search.evidence });
  return obstacles;
}

const switchMessages = {
  file: '/etc/cloud/cloud-init.disabled switches cloud-init off',
  'kernel-command-line': 'cloud-init=disabled on the kernel command line switches cloud-init off',
  environment: 'KERNEL_CMDLINE in the environment of systemd switches cloud-init off',
  'generator-masked': 'cloud-init-generator is masked',
  'target-masked': 'cloud-init.target is masked',
  'grub-default': 'the next kernel command line switches cloud-init off',
} satisfies Record<CloudInitSwitch['kind'], string>;
