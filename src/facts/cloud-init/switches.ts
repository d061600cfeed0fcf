import type { Evidence } from '../../engine/model.ts';
import { parseUnitFile } from '../../formats/systemd-unit.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { KernelCommandLine } from '../kernel-command-line.ts';
import { managerFiles } from '../manager-files.ts';
import type { UnitState } from '../unit-files.ts';
import type { Generator } from './installation.ts';

/** One thing that switches cloud-init off. */
export interface CloudInitSwitch {
  readonly kind: 'file' | 'kernel-command-line' | 'environment' | 'generator-masked' | 'target-masked' | 'grub-default';
  /** False for what only the next regeneration of the boot configuration would bring, or what cannot be decided. */
  readonly effective: boolean;
  readonly evidence: Evidence;
}

const word = 'cloud-init=disabled';
const markerPath = '/etc/cloud/cloud-init.disabled';

/** systemd/cloud-init-generator, `is_disabled` of tools/ds-identify and the conditions of the units. */
export function findSwitches(
  rootFs: RootFs,
  commandLine: KernelCommandLine,
  generator: Generator,
  target: UnitState,
): readonly CloudInitSwitch[] {
  const marker: CloudInitSwitch[] =
    rootFs.stat(markerPath)?.type === 'file' ? [{ kind: 'file', effective: true, evidence: { path: markerPath } }] : [];
  const masks: CloudInitSwitch[] = generator.maskedBy
    ? [{ kind: 'generator-masked', effective: true, evidence: generator.maskedBy }]
    : [];
  const targetMask = target.state.startsWith('masked') ? target.evidence.slice(0, 1) : [];
  return [
    ...marker,
    ...commandLineSwitches(commandLine),
    ...environmentSwitches(rootFs),
    ...masks,
    ...targetMask.map((evidence): CloudInitSwitch => ({ kind: 'target-masked', effective: true, evidence })),
  ];
}

function commandLineSwitches({ defaults, configured }: KernelCommandLine): readonly CloudInitSwitch[] {
  const switched = defaults.filter(({ parameters }) => parameters.some(({ text }) => text === word));
  const effective = switched.length === defaults.length;
  const booted = switched.map(
    ({ evidence }): CloudInitSwitch => ({ kind: 'kernel-command-line', effective, evidence }),
  );
  if (booted.length > 0) return booted;
  return configured
    .filter(({ parameter }) => parameter.text === word)
    .map(({ evidence }): CloudInitSwitch => ({ kind: 'grub-default', effective: false, evidence }));
}

/** `KERNEL_CMDLINE` in systemd's default environment takes the place of the real command line for cloud-init. */
function environmentSwitches(rootFs: RootFs): readonly CloudInitSwitch[] {
  const last = managerFiles(rootFs)
    .flatMap((path) =>
      parseUnitFile(rootFs.readText(path) ?? '').assignments.map((assignment) => ({ path, ...assignment })),
    )
    .filter(({ section, key }) => section === 'Manager' && key === 'DefaultEnvironment')
    .reduce<{ value: string; evidence: Evidence } | undefined>((found, { path, value, line, text }) => {
      // An empty assignment drops what was set before.
      if (value === '') return undefined;
      const setting = environmentValue(value, 'KERNEL_CMDLINE');
      return setting === undefined ? found : { value: setting, evidence: { path, line, text } };
    }, undefined);
  if (last === undefined) return [];
  return [{ kind: 'environment', effective: last.value.split(/\s+/).includes(word), evidence: last.evidence }];
}

/** Value of one variable in `A=b "C=d e" 'F=g'`. */
function environmentValue(assignments: string, name: string): string | undefined {
  const words = assignments.match(/"[^"]*"|'[^']*'|[^\s"']+(?:"[^"]*"|'[^']*')?/g) ?? [];
  const plain = words.map((part) => part.replaceAll(/["']/g, ''));
  return plain.findLast((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}
