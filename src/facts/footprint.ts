import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type UnitFiles, unitFiles } from './unit-files.ts';

/** A service that starts at boot. */
export interface EnabledService {
  /** What people call it. */
  readonly name: string;
  readonly unit: string;
  readonly evidence: readonly Evidence[];
}

export interface Footprint {
  /** A login screen that the default target brings up. */
  readonly desktop?: EnabledService;
  /** Servers that listen on the network and are seldom wanted on a VM. */
  readonly listeners: readonly EnabledService[];
  /** Compilers and build tools. */
  readonly buildTools: readonly Evidence[];
  /** What shows an image for SAP or high-performance computing, whose software is built or linked on the VM. */
  readonly buildsOnPurpose?: Evidence;
  /** Guest tools of another hypervisor that systemd would start on Hyper-V as well. */
  readonly foreignGuestTools: readonly EnabledService[];
}

const listeners: readonly (readonly [name: string, units: readonly string[]])[] = [
  ['telnet', ['telnet.socket', 'telnetd.service', 'inetutils-telnetd.service']],
  ['rsh', ['rsh.socket', 'rlogin.socket', 'rexec.socket']],
  ['FTP', ['vsftpd.service', 'proftpd.service', 'pure-ftpd.service']],
  ['TFTP', ['tftp.socket', 'tftpd-hpa.service']],
  ['printing (CUPS)', ['cups.service', 'cups.socket', 'cups-browsed.service']],
  ['rpcbind', ['rpcbind.service', 'rpcbind.socket']],
  ['Avahi', ['avahi-daemon.service', 'avahi-daemon.socket']],
  ['xinetd', ['xinetd.service', 'inetd.service']],
];

const guestTools: readonly (readonly [name: string, units: readonly string[]])[] = [
  ['VMware', ['vmtoolsd.service', 'open-vm-tools.service']],
  ['VirtualBox', ['vboxadd-service.service', 'vboxservice.service', 'virtualbox-guest-utils.service']],
  ['QEMU', ['qemu-guest-agent.service', 'spice-vdagentd.service']],
  ['XenServer', ['xe-linux-distribution.service', 'xe-daemon.service', 'xenstored.service']],
  ['Parallels', ['prltoolsd.service']],
];

const displayManagers = ['display-manager.service', 'gdm.service', 'lightdm.service', 'sddm.service', 'xdm.service'];
const buildPrograms = ['gcc', 'g++', 'clang', 'make', 'cmake', 'rustc', 'go'].map((name) => `/usr/bin/${name}`);

/** Microsoft's HPC images write the first; the others are of SLES for SAP, saptune, and RHEL for SAP. */
const builders = [
  '/opt/azurehpc/component_versions.txt',
  '/etc/products.d/SLES_SAP.prod',
  '/usr/sbin/saptune',
  '/usr/lib/tuned/sap-hana',
  '/usr/lib/tuned/sap-netweaver',
];

/** What runs or lies in the image beyond the needs of a server. */
export const footprint = defineFact<Footprint>({
  id: 'footprint',
  description: 'Desktop, listening services, build tools and guest tools of other hypervisors in the image.',
  reads: ['/{etc,usr/lib}/systemd/system/default.target', ...buildPrograms, ...builders],
  async compute(context) {
    const { rootFs } = context;
    const units = await context.get(unitFiles);
    const target = rootFs.readLink('/etc/systemd/system/default.target') ?? 'graphical.target';
    // Debian and Ubuntu boot servers into graphical.target; a login screen is what makes the difference.
    const desktop = target.endsWith('graphical.target') ? enabled(units, 'a desktop', displayManagers) : undefined;
    const builder = builders.find((path) => rootFs.stat(path) !== undefined);
    return {
      ...(desktop && { desktop }),
      ...(builder !== undefined && { buildsOnPurpose: { path: builder } }),
      listeners: listeners.flatMap(([name, names]) => enabled(units, name, names) ?? []),
      buildTools: buildPrograms.filter((path) => rootFs.stat(path) !== undefined).map((path) => ({ path })),
      foreignGuestTools: guestTools
        .flatMap(([name, names]) => enabled(units, name, names) ?? [])
        .filter(({ unit }) => !staysAway(units, unit)),
    };
  },
});

function enabled(units: UnitFiles, name: string, candidates: readonly string[]): EnabledService | undefined {
  const state = candidates.map((unit) => units.state(unit)).find(({ startsAtBoot }) => startsAtBoot);
  return state && { name, unit: state.name, evidence: state.evidence };
}

/** Its own unit asks for its hypervisor, or for a device that only that one has. */
function staysAway(units: UnitFiles, unit: string): boolean {
  return units
    .settings(unit)
    .some(({ key, value }) => key === 'ConditionVirtualization' || (key === 'BindsTo' && value.includes('.device')));
}
