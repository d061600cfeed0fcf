import type { Evidence } from '../../engine/model.ts';
import type { Driver, KernelDrivers } from '../kernel-modules.ts';

/** A driver as a rule asks for it: the name of the module and the build option that makes it, without `CONFIG_`. */
export type WantedDriver = readonly [module: string, option: string];

export interface DriverSurvey {
  /** Drivers that a kernel lacks. */
  readonly absent: readonly (Driver & { readonly drivers: KernelDrivers; readonly lack: string })[];
  /** Statements about drivers that could not be looked up. */
  readonly undecided: readonly string[];
  /** Where the others are. */
  readonly evidence: readonly Evidence[];
}

/** Looks several drivers up in every kernel. */
export function surveyDrivers(kernels: readonly KernelDrivers[], wanted: readonly WantedDriver[]): DriverSurvey {
  const found = kernels.flatMap((drivers) =>
    wanted.map(([module, option]) => ({ ...drivers.driver(module, option), drivers })),
  );
  return {
    absent: found.flatMap((driver) =>
      driver.state === 'absent' ? [{ ...driver, lack: driver.lack ?? `there is no ${driver.name}` }] : [],
    ),
    undecided: found.flatMap(({ state, lack }) => (state === 'unknown' && lack !== undefined ? [lack] : [])),
    evidence: found.flatMap(({ state, evidence }) => (state === 'builtin' || state === 'module' ? evidence : [])),
  };
}
