import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { executables } from './executables.ts';
import { unitFiles } from './unit-files.ts';

/** The daemon that exchanges key-value pairs with the host. */
export interface HypervDaemons {
  readonly program?: Evidence;
  /** A unit or init script starts it, at boot or when its device appears. */
  readonly unit?: { readonly name: string; readonly starts: boolean; readonly evidence: readonly Evidence[] };
}

const units = ['hypervkvpd.service', 'hv-kvp-daemon.service', 'hv_kvp_daemon.service'];

export const hypervDaemons = defineFact<HypervDaemons>({
  id: 'hyperv-daemons',
  description: 'The key-value pair daemon of Hyper-V: program and unit, by their names in the distributions.',
  reads: ['/usr/sbin/hv_kvp_daemon', '/usr/sbin/hypervkvpd', ...units.map((name) => `/usr/lib/systemd/system/${name}`)],
  async compute(context) {
    const programs = await context.get(executables);
    const files = await context.get(unitFiles);
    const program =
      programs.find('hv_kvp_daemon', 'hypervkvpd') ??
      programs.at('/usr/lib/hyper-v/bin/hv_kvp_daemon') ??
      programs.at('/usr/lib/hyper-v/bin/hypervkvpd') ??
      inLinuxTools(context.rootFs.readDir('/usr/lib/linux-tools') ?? [], programs.at);
    const states = units.map((name) => files.state(name)).filter(({ state }) => state !== 'absent');
    const state = states.find(({ startsAtBoot }) => startsAtBoot) ?? states[0];
    // Packages start it by the device: a rule of udev wants it, and the unit has no [Install] section.
    const starts = state !== undefined && (state.startsAtBoot || state.state === 'static');
    return {
      ...(program && { program }),
      ...(state && { unit: { name: state.name, starts, evidence: state.evidence } }),
    };
  },
});

function inLinuxTools(
  folders: readonly { readonly name: string }[],
  at: (path: string) => Evidence | undefined,
): Evidence | undefined {
  for (const { name } of folders) {
    const found = at(`/usr/lib/linux-tools/${name}/hv_kvp_daemon`);
    if (found) return found;
  }
  return undefined;
}
