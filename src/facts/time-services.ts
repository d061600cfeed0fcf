import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { unmetCondition } from './unit-files/conditions.ts';
import { type UnitFiles, unitFiles } from './unit-files.ts';

export type TimeProgram = 'chrony' | 'ntpd' | 'ntpsec' | 'systemd-timesyncd' | 'openntpd';

/** A program that keeps the clock right. */
export interface TimeService {
  readonly program: TimeProgram;
  /** The unit that starts, else the first that the image has. */
  readonly unit: string;
  readonly startsAtBoot: boolean;
  readonly masked: boolean;
  /** Why systemd skips the unit although it is enabled: a condition that this image does not meet. */
  readonly skippedFor?: Evidence;
  /** The program that the unit starts, when it is not in the image. */
  readonly missingProgram?: Evidence;
  /** Units with which it does not run together, as its own unit says. */
  readonly conflicts: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface TimeServices {
  /** Those that the image has, with the unit that starts each. */
  readonly services: readonly TimeService[];
  /** Those that run after boot. */
  readonly running: readonly TimeService[];
}

const unitsOf: Readonly<Record<TimeProgram, readonly string[]>> = {
  chrony: ['chronyd.service', 'chrony.service'],
  ntpd: ['ntpd.service', 'ntp.service'],
  ntpsec: ['ntpsec.service'],
  'systemd-timesyncd': ['systemd-timesyncd.service'],
  openntpd: ['openntpd.service'],
};

/** Time services of the image and which of them run. */
export const timeServices = defineFact<TimeServices>({
  id: 'time-services',
  description: 'Services that set the clock (chrony, ntpd, systemd-timesyncd, …) and whether a boot starts them.',
  reads: ['/{etc,usr/lib}/systemd/system/{chrony,chronyd,ntp,ntpd,ntpsec,openntpd,systemd-timesyncd}.service'],
  async compute(context) {
    const units = await context.get(unitFiles);
    // The keys are those of the table above.
    const services = (Object.keys(unitsOf) as TimeProgram[]).flatMap((program) =>
      describe(context.rootFs, units, program),
    );
    const running = services.filter(
      ({ startsAtBoot, skippedFor, missingProgram }) => startsAtBoot && !skippedFor && !missingProgram,
    );
    return { services, running };
  },
});

function describe(rootFs: RootFs, units: UnitFiles, program: TimeProgram): readonly TimeService[] {
  const states = unitsOf[program].map((name) => units.state(name)).filter(({ state }) => state !== 'absent');
  const state = states.find(({ startsAtBoot }) => startsAtBoot) ?? states[0];
  if (!state) return [];
  const settings = units.settings(state.name);
  // Debian and Ubuntu keep systemd-timesyncd away from another time daemon by such conditions.
  const skippedFor = unmetCondition(rootFs, settings)?.evidence;
  const command = settings.find(({ key }) => key === 'ExecStart');
  const executable = command && /^[-@:+!|]*(\/[^\s"]+)/.exec(command.value)?.[1];
  const isMissing = executable !== undefined && rootFs.stat(executable) === undefined;
  return [
    {
      program,
      unit: state.name,
      startsAtBoot: state.startsAtBoot,
      masked: state.state.startsWith('masked'),
      ...(skippedFor && { skippedFor }),
      ...(command && isMissing && { missingProgram: command.evidence }),
      conflicts: settings
        .filter(({ section, key }) => section === 'Unit' && key === 'Conflicts')
        .flatMap(({ value }) => value.split(/\s+/)),
      evidence: state.evidence,
    },
  ];
}
