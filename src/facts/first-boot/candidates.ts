import type { Evidence } from '../../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { CloudInit } from '../cloud-init.ts';
import type { Candidate } from '../first-boot.ts';
import type { KernelCommandLine } from '../kernel-command-line.ts';
import type { UnitFiles, UnitState } from '../unit-files.ts';
import type { AgentDuty } from './agent-role.ts';
import { findCustomReporters } from './custom-reporter.ts';

/** A candidate as far as it could be judged: `works` is undefined when something needed could not be read. */
export interface Assessment extends Omit<Candidate, 'works'> {
  readonly works: boolean | undefined;
  /** Whether any part of it is in the image. */
  readonly present: boolean;
}

export function assessCloudInit(cloudInit: CloudInit): Assessment {
  const provisioner = 'cloud-init';
  if (!cloudInit.installed) return notThere(provisioner, 'not installed');
  const { obstacles, search, localStage } = cloudInit;
  if (obstacles.length > 0) {
    const evidence = obstacles.flatMap((obstacle) => obstacle.evidence);
    return { provisioner, present: true, works: false, obstacles: obstacles.map(({ message }) => message), evidence };
  }
  const unread = [...cloudInit.config.unread, ...cloudInit.unread].map((error) => error.message);
  if (unread.length > 0) return { provisioner, present: true, works: undefined, obstacles: unread, evidence: [] };
  const evidence = [...localStage.evidence, ...search.evidence];
  return { provisioner, present: true, works: true, obstacles: [], evidence };
}

export function assessAgent({ installed, role, reason, evidence }: AgentDuty): Assessment {
  const works = role === 'unknown' ? undefined : role === 'provisions';
  return { provisioner: 'waagent', present: installed, works, obstacles: works ? [] : [`waagent ${reason}`], evidence };
}

export function assessAzureInit(rootFs: RootFs, units: UnitFiles): Assessment {
  const provisioner = 'azure-init';
  const path = '/usr/bin/azure-init';
  const unit = units.state('azure-init.service');
  const program = attempt(() => rootFs.stat(path));
  const present = program !== undefined || unit.state !== 'absent';
  if (!present) return notThere(provisioner, 'not installed');
  const evidence: Evidence[] = [...(program ? [{ path }] : []), ...unit.evidence];
  if (isCouldNotRead(program))
    return { provisioner, present, works: undefined, obstacles: [program.message], evidence };
  const obstacles = [...(program ? [] : [`${path} is missing`]), ...(unit.startsAtBoot ? [] : [notStarted(unit)])];
  return { provisioner, present, works: obstacles.length === 0, obstacles, evidence };
}

/** Ignition sets the machine up in the initramfs; afterburn-checkin.service reports ready when the kernel was told `ignition.platform.id=azure`. */
export function assessIgnition(units: UnitFiles, commandLine: KernelCommandLine | CouldNotRead): Assessment {
  const provisioner = 'ignition';
  const unit = units.state('afterburn-checkin.service');
  if (unit.state === 'absent') return notThere(provisioner, 'afterburn-checkin.service is not in the image');
  const present = true;
  if (!unit.startsAtBoot) {
    return { provisioner, present, works: false, obstacles: [notStarted(unit)], evidence: unit.evidence };
  }
  if (isCouldNotRead(commandLine)) {
    return { provisioner, present, works: undefined, obstacles: [commandLine.message], evidence: unit.evidence };
  }
  if (commandLine.defaults.length === 0) {
    const obstacles = ['the image holds no boot entry, so ignition.platform.id is not known'];
    return { provisioner, present, works: undefined, obstacles, evidence: unit.evidence };
  }
  const without = commandLine.defaults.filter(
    ({ parameters }) => !parameters.some(({ text }) => text === 'ignition.platform.id=azure'),
  );
  const obstacles = without.map(({ title }) => `the boot entry "${title}" lacks ignition.platform.id=azure`);
  const entries = (without.length > 0 ? without : commandLine.defaults).map((entry) => entry.evidence);
  return { provisioner, present, works: without.length === 0, obstacles, evidence: [...entries, ...unit.evidence] };
}

/** Flatcar: Ignition runs in the initramfs, the agent comes in a system extension. */
export function ignitionWithAgentExtension({ role, reason, evidence }: AgentDuty): Assessment {
  const works = role === 'unknown' ? undefined : true;
  return { provisioner: 'ignition', present: true, works, obstacles: works ? [] : [`waagent ${reason}`], evidence };
}

/** Reads every script that a boot starts, so ask only when nobody else does the work. */
export function assessCustom(rootFs: RootFs, units: UnitFiles): Assessment {
  const provisioner = 'custom';
  const { found, unread } = findCustomReporters(rootFs, units);
  const [first] = found;
  if (first)
    return {
      provisioner,
      present: true,
      works: true,
      obstacles: [],
      evidence: found.flatMap((one) => one.evidence),
      name: first.unit,
    };
  if (unread.length > 0) return { provisioner, present: false, works: undefined, obstacles: unread, evidence: [] };
  return notThere(provisioner, 'no unit that starts at boot reports to 168.63.129.16');
}

export function toCandidate({ provisioner, works, obstacles, evidence, name }: Assessment): Candidate {
  return { provisioner, works: works === true, obstacles, evidence, ...(name !== undefined && { name }) };
}

function notThere(provisioner: Candidate['provisioner'], obstacle: string): Assessment {
  return { provisioner, present: false, works: false, obstacles: [obstacle], evidence: [] };
}

function notStarted({ name, state }: UnitState): string {
  return `${name} does not start at boot (${state})`;
}
