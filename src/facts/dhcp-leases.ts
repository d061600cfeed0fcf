import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { leasedAddress } from '../formats/dhcp-lease.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';

/** A file of a DHCP client that holds something of the machine it ran on. */
export interface DhcpLeaseFile {
  /** `lease`: addresses from a network. `identity`: a client id or secret. `history`: when and where it connected. */
  readonly kind: 'lease' | 'identity' | 'history';
  readonly program: 'dhclient' | 'dhcpcd' | 'NetworkManager' | 'wicked' | 'systemd-networkd';
  /** The promised address, where the file names one in text. */
  readonly address?: string;
  readonly evidence: Evidence;
}

export interface DhcpLeases {
  /** Files with content, sorted by path; empty placeholder files do not count. */
  readonly files: readonly DhcpLeaseFile[];
  readonly unread: readonly CouldNotRead[];
}

type Kind = DhcpLeaseFile['kind'];

interface LeaseDirectory {
  readonly path: string;
  readonly program: DhcpLeaseFile['program'];
  /** Undefined for files that are none of a client's. */
  readonly kindOf: (name: string) => Kind | undefined;
}

/** dhcpd is the server: its leases are what other machines got. */
const ofDhclient = (name: string): Kind | undefined => (name.startsWith('dhcpd') ? undefined : 'lease');
const ofDhcpcd = (name: string): Kind => (['duid', 'secret', 'rdm_monotonic'].includes(name) ? 'identity' : 'lease');
const ofWicked = (name: string): Kind | undefined =>
  !name.endsWith('.xml') ? undefined : name.startsWith('lease') ? 'lease' : 'identity';
const ofNetworkManager = (name: string): Kind | undefined => {
  if (name.endsWith('.lease')) return 'lease';
  if (name === 'secret_key') return 'identity';
  return name === 'timestamps' || name === 'seen-bssids' ? 'history' : undefined;
};

/** Where DHCP clients keep their state; the agent's `del_dhcp_lease` knows the first three and dhclient-*.lease. */
const directories: readonly LeaseDirectory[] = [
  { path: '/var/lib/dhclient', program: 'dhclient', kindOf: ofDhclient },
  { path: '/var/lib/dhcp', program: 'dhclient', kindOf: ofDhclient },
  { path: '/var/lib/dhcpcd', program: 'dhcpcd', kindOf: ofDhcpcd },
  {
    path: '/var/db',
    program: 'dhclient',
    kindOf: (name) => (name.startsWith('dhclient.leases') ? 'lease' : undefined),
  },
  { path: '/var/lib/NetworkManager', program: 'NetworkManager', kindOf: ofNetworkManager },
  { path: '/var/lib/wicked', program: 'wicked', kindOf: ofWicked },
  {
    path: '/var/lib/systemd/network',
    program: 'systemd-networkd',
    kindOf: (name) => (name.includes('lease') ? 'lease' : undefined),
  },
  { path: '/run/systemd/netif/leases', program: 'systemd-networkd', kindOf: () => 'lease' },
];

/** A lease file is a few kilobytes; more of a log-like one adds nothing. */
const addressSearchBytes = 65_536;

/** Leases and client identities that DHCP clients left in the image. */
export const dhcpLeases = defineFact<DhcpLeases>({
  id: 'dhcp-leases',
  description: 'Non-empty lease files, client identities and connection histories of DHCP clients.',
  reads: [...directories.map(({ path }) => `${path}/*`), '/etc/dhcpcd.duid'],
  compute({ rootFs }) {
    const duid = attempt(() => leaseFile(rootFs, '/etc/dhcpcd.duid', 'dhcpcd', 'identity'));
    const found = directories.flatMap(({ path, program, kindOf }): (DhcpLeaseFile | CouldNotRead | undefined)[] => {
      const entries = attempt(() => rootFs.readDir(path) ?? []);
      if (isCouldNotRead(entries)) return [entries];
      return entries.flatMap(({ name, type }) => {
        const kind = type === 'file' ? kindOf(name) : undefined;
        return kind === undefined ? [] : [attempt(() => leaseFile(rootFs, `${path}/${name}`, program, kind))];
      });
    });
    const all = [...found, duid];
    const files = all.flatMap((item) => (item === undefined || isCouldNotRead(item) ? [] : [item]));
    files.sort((a, b) => (a.evidence.path < b.evidence.path ? -1 : 1));
    return { files, unread: all.filter(isCouldNotRead) };
  },
});

function leaseFile(
  rootFs: FactContext['rootFs'],
  path: string,
  program: DhcpLeaseFile['program'],
  kind: Kind,
): DhcpLeaseFile | undefined {
  const size = rootFs.stat(path)?.size ?? 0;
  const evidence = { path };
  if (kind !== 'lease') return size > 0 ? { kind, program, evidence } : undefined;
  const content = attempt(() => rootFs.readBytes(path, 0, addressSearchBytes));
  if (isCouldNotRead(content)) {
    if (size === 0) throw content;
    // Its size alone tells that the file holds a lease.
    return { kind, program, evidence };
  }
  if (content === undefined || content.length === 0) return undefined;
  const address = leasedAddress(new TextDecoder().decode(content));
  return { kind, program, evidence, ...(address !== undefined && { address }) };
}
