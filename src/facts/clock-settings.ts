import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

export interface ClockSettings {
  /** Set when /etc/adjtime says that the hardware clock runs on local time. */
  readonly localTime?: Evidence;
  /** Name of the time zone by the link /etc/localtime; undefined when it is a plain file or missing. */
  readonly zone?: { readonly name: string; readonly isUtc: boolean; readonly evidence: Evidence };
}

/** Zones that are UTC under another name (`backward` of the time zone database). */
const utcZones = /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu|GMT|GMT[+-]?0|Greenwich)$/;

/** In which zone the hardware clock and the system's local time are. */
export const clockSettings = defineFact<ClockSettings>({
  id: 'clock-settings',
  description: 'Whether the hardware clock is in UTC (/etc/adjtime), and the time zone.',
  reads: ['/etc/adjtime', '/etc/localtime'],
  compute({ rootFs }) {
    // Like hwclock and systemd: only the third line counts.
    const third = rootFs.readText('/etc/adjtime')?.split('\n')[2]?.trim();
    const link = rootFs.readLink('/etc/localtime');
    const name = link === undefined ? undefined : /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(link)?.[1];
    return {
      ...(third === 'LOCAL' && { localTime: { path: '/etc/adjtime', line: 3, text: third } }),
      ...(name !== undefined && {
        zone: { name, isUtc: utcZones.test(name), evidence: { path: '/etc/localtime', text: `-> ${link}` } },
      }),
    };
  },
});
