import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { globMatcher, hasWildcard } from '../formats/glob-pattern.ts';
import { parseIfcfg } from '../formats/ifcfg.ts';
import { parseInterfaces, readInterfaceStanzas } from '../formats/ifupdown.ts';
import type { InterfaceProfile, PlacedText } from '../formats/interface-profile.ts';
import { parseNetplan } from '../formats/netplan.ts';
import { parseKeyfile, readConnectionProfile } from '../formats/network-manager-keyfile.ts';
import { parseNetworkd } from '../formats/networkd.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { DirectoryEntry } from '../image/root-fs.ts';
import { cloudInitNetworkingOff } from './first-nic/cloud-init-networking.ts';

export type NetworkTool = 'netplan' | 'NetworkManager' | 'systemd-networkd' | 'ifupdown' | 'ifcfg';

/**
 * The strongest tie of a file to the machine it was written for. `other-interface`: only names that no virtual machine
 * in Azure has. `first-interface`: eth0 by name. `any-interface`: by a pattern, or all. `none`: no wired interface.
 */
export type NetworkBinding =
  | 'hardware-address'
  | 'static-address'
  | 'other-interface'
  | 'first-interface'
  | 'any-interface'
  | 'none';

/** A network configuration file that an installer, an image builder or cloud-init wrote for one machine. */
export interface GeneratedNetworkFile {
  readonly path: string;
  readonly tool: NetworkTool;
  /** By its header, or by a path that nothing else writes. */
  readonly writtenByCloudInit: boolean;
  /** cloud-init will write this very file again on first boot, so that nothing of it stays. */
  readonly rewrittenOnFirstBoot: boolean;
  readonly binding: NetworkBinding;
  /** The addresses or interface names that make the binding. */
  readonly bindingValues: readonly string[];
  /** The lines with those values, else the header, else the file. */
  readonly evidence: readonly Evidence[];
  /** Lines that ask for DHCP. */
  readonly dhcp: readonly Evidence[];
}

export interface GeneratedNetwork {
  /** Sorted by path. */
  readonly files: readonly GeneratedNetworkFile[];
  /** What keeps cloud-init from configuring the network: `network: {config: disabled}` and the like; undefined when it does. */
  readonly cloudInitNetworkingOff?: { readonly reason: string; readonly evidence: readonly Evidence[] };
  readonly unread: readonly CouldNotRead[];
}

interface Candidate {
  readonly directory: string;
  readonly file: RegExp;
  readonly tool: NetworkTool;
  /** Files that cloud-init's renderer writes for the first interface or for all. */
  readonly output: RegExp;
  /** Others in the directory are looked at too; without it only files that cloud-init signed count. */
  readonly unsignedToo: boolean;
  readonly profiles: (text: string, name: string) => readonly InterfaceProfile[];
}

const ifcfgProfiles = (text: string, name: string) => [parseIfcfg(text, name.replace(/^ifcfg-/, '')).profile];
const keyfileProfiles = (text: string) => {
  const profile = readConnectionProfile(parseKeyfile(text));
  return profile ? [profile] : [];
};
const ifcfg = { file: /^ifcfg-(?!lo$)[^~]+$/, tool: 'ifcfg', output: /^ifcfg-eth0$/, unsignedToo: false } as const;

const candidates: readonly Candidate[] = [
  {
    directory: '/etc/netplan',
    // cloud-init removes 90-hotplug-azure.yaml of older Ubuntu images itself (DataSourceAzure `maybe_remove_ubuntu_network_config_scripts`).
    file: /^(?!90-hotplug-azure\.yaml$).+\.yaml$/,
    tool: 'netplan',
    output: /^50-cloud-init\.yaml$/,
    unsignedToo: true,
    profiles: (text) => parseNetplan(text).profiles,
  },
  {
    directory: '/etc/NetworkManager/system-connections',
    file: /^cloud-init-.*\.nmconnection$/,
    tool: 'NetworkManager',
    output: /^cloud-init-eth0\.nmconnection$/,
    unsignedToo: true,
    profiles: keyfileProfiles,
  },
  {
    directory: '/etc/NetworkManager/conf.d',
    file: /^(?:99-cloud-init|30-cloud-init-ip6-addr-gen-mode)\.conf$/,
    tool: 'NetworkManager',
    output: /./,
    unsignedToo: true,
    profiles: () => [],
  },
  {
    directory: '/etc/systemd/network',
    file: /^10-cloud-init-.*\.network$/,
    tool: 'systemd-networkd',
    output: /^10-cloud-init-eth0\.network$/,
    unsignedToo: true,
    profiles: (text) => [parseNetworkd(text).profile],
  },
  {
    directory: '/etc/network/interfaces.d',
    file: /^50-cloud-init(?:\.cfg)?$/,
    tool: 'ifupdown',
    output: /./,
    unsignedToo: true,
    profiles: (text) => readInterfaceStanzas(parseInterfaces(text)),
  },
  { directory: '/etc/sysconfig/network-scripts', ...ifcfg, profiles: ifcfgProfiles },
  { directory: '/etc/sysconfig/network', ...ifcfg, profiles: ifcfgProfiles },
];

const signature =
  /(?:created|generated) (?:by|from) .*cloud-init|generated from information provided by the datasource/i;

/** Network files left by installers and by cloud-init on the machine that the image was made from. */
export const generatedNetwork = defineFact<GeneratedNetwork>({
  id: 'generated-network',
  description:
    'Generated network configuration files: who wrote them, what they bind to, and whether cloud-init replaces them.',
  reads: candidates.map(({ directory }) => `${directory}/*`),
  async compute(context) {
    const off = await cloudInitNetworkingOff(context);
    const found = candidates.flatMap((candidate) => {
      const entries = attempt(() => directoryEntries(context.rootFs, candidate.directory));
      if (isCouldNotRead(entries)) return [entries];
      const names = entries.filter(({ name, type }) => type !== 'directory' && candidate.file.test(name));
      return names.map(({ name }) => attempt(() => describe(context.rootFs, candidate, name, off === undefined)));
    });
    const files = found.flatMap((item) => (item === undefined || isCouldNotRead(item) ? [] : [item]));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files, ...(off && { cloudInitNetworkingOff: off }), unread: found.filter(isCouldNotRead) };
  },
});

/** /etc/sysconfig/network is a directory on SUSE and a file on the RHEL family. */
function directoryEntries(rootFs: FactContext['rootFs'], path: string): readonly DirectoryEntry[] {
  return rootFs.stat(path)?.type === 'directory' ? (rootFs.readDir(path) ?? []) : [];
}

function describe(
  rootFs: FactContext['rootFs'],
  candidate: Candidate,
  name: string,
  cloudInitConfigures: boolean,
): GeneratedNetworkFile | undefined {
  const path = `${candidate.directory}/${name}`;
  const text = rootFs.readText(path);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const signedAt = lines.findIndex((line) => line.startsWith('#') && signature.test(line));
  if (signedAt < 0 && !candidate.unsignedToo) return undefined;
  const profiles = candidate.profiles(text, name);
  const { binding, values } = bindingOf(profiles);
  const evidence = ({ line }: PlacedText): Evidence => ({ path, line, text: (lines[line - 1] ?? '').trim() });
  const header = signedAt < 0 ? { path } : { path, line: signedAt + 1, text: lines[signedAt] ?? '' };
  return {
    path,
    tool: candidate.tool,
    writtenByCloudInit: signedAt >= 0 || name.includes('cloud-init'),
    rewrittenOnFirstBoot: candidate.output.test(name) && cloudInitConfigures,
    binding,
    bindingValues: values.map(({ value }) => value),
    evidence: values.length > 0 ? values.map(evidence) : [header],
    dhcp: profiles.flatMap(({ dhcp }) => dhcp.map(evidence)),
  };
}

function bindingOf(profiles: readonly InterfaceProfile[]): { binding: NetworkBinding; values: readonly PlacedText[] } {
  const hardwareAddresses = profiles.flatMap((profile) => profile.hardwareAddresses);
  if (hardwareAddresses.length > 0) return { binding: 'hardware-address', values: hardwareAddresses };
  const addresses = profiles.flatMap((profile) => profile.addresses);
  if (addresses.length > 0) return { binding: 'static-address', values: addresses };
  const names = profiles.flatMap((profile) => profile.names);
  if (profiles.length === 0) return { binding: 'none', values: [] };
  if (!profiles.some(fitsEth0)) return { binding: 'other-interface', values: names };
  const isOpen = names.every(({ value }) => hasWildcard(value));
  return { binding: isOpen ? 'any-interface' : 'first-interface', values: names };
}

/** Longer patterns are no interface names, and matching them costs more than they are worth. */
const longestPattern = 64;

/** No name at all fits every interface. */
function fitsEth0({ names }: InterfaceProfile): boolean {
  return names.length === 0 || names.some(({ value }) => value.length <= longestPattern && globMatcher(value)('eth0'));
}
