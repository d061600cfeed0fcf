import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type UnitState, unitFiles } from './unit-files.ts';

/** A program that brings interfaces up at boot. `network-scripts` is the SysV service `network` of the RHEL family. */
export type NetworkStack =
  | 'NetworkManager'
  | 'systemd-networkd'
  | 'wicked'
  | 'ifupdown'
  | 'network-scripts'
  | 'dhcpcd'
  | 'connman';

export interface NetworkService {
  readonly stack: NetworkStack;
  readonly unit: UnitState;
  /**
   * `always`: a link, a preset or an init script. `by-netplan`: netplan's generator starts it when there is a
   * configuration for it.
   */
  readonly starts: 'always' | 'by-netplan' | 'never';
  readonly evidence: readonly Evidence[];
}

export interface NetworkServices {
  /** Those that are in the image, started or not. */
  readonly services: readonly NetworkService[];
  /** netplan's generator, which turns /etc/netplan into configuration for another stack. */
  readonly netplan?: Evidence;
}

const units: Readonly<Record<NetworkStack, readonly string[]>> = {
  NetworkManager: ['NetworkManager.service'],
  // The socket listens to the kernel's messages about interfaces, which come on every boot.
  'systemd-networkd': ['systemd-networkd.service', 'systemd-networkd.socket'],
  wicked: ['wicked.service'],
  ifupdown: ['networking.service'],
  'network-scripts': ['network.service'],
  dhcpcd: ['dhcpcd.service'],
  connman: ['connman.service'],
};

const generators = ['/usr/lib/systemd/system-generators/netplan', '/lib/systemd/system-generators/netplan'];

/** Network services of the image and whether a boot starts them. */
export const networkServices = defineFact<NetworkServices>({
  id: 'network-services',
  description: 'NetworkManager, systemd-networkd, wicked, ifupdown, network-scripts, dhcpcd: installed and started.',
  reads: [...Object.values(units).flat(), ...generators],
  async compute(context) {
    const { state } = await context.get(unitFiles);
    const generator = generators.find((path) => context.rootFs.lstat(path) !== undefined);
    const services = Object.entries(units).flatMap(([name, unitNames]): NetworkService[] => {
      // The keys are those of the table above.
      const stack = name as NetworkStack;
      const states = unitNames.map(state);
      const [main] = states;
      if (main === undefined || main.state === 'absent') return [];
      // With a unit file, network.service is another name of wicked or NetworkManager.
      if (stack === 'network-scripts' && main.fragmentPath !== undefined) return [];
      const isMasked = main.state.startsWith('masked');
      const starter = isMasked ? undefined : states.find(({ startsAtBoot }) => startsAtBoot);
      const byNetplan = stack === 'systemd-networkd' && generator !== undefined && !isMasked;
      const starts = starter ? 'always' : byNetplan ? 'by-netplan' : 'never';
      return [{ stack, unit: main, starts, evidence: (starter ?? main).evidence }];
    });
    return { services, ...(generator && { netplan: { path: generator } }) };
  },
});
