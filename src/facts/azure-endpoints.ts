import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { deadRoutes, leadsTo } from './azure-endpoints/routes.ts';
import { type PacketFilter, packetFilters } from './packet-filters.ts';

/** A service of the platform that every VM has to reach. */
export interface AzureEndpoint {
  readonly name: 'the wire server' | 'the instance metadata service';
  readonly address: string;
  readonly ports: readonly number[];
}

export interface BlockedEndpoint {
  readonly endpoint: AzureEndpoint;
  /** The first port that is blocked; undefined where a route throws everything away. */
  readonly port?: number;
  /** What blocks it, as a noun phrase. */
  readonly how: string;
  readonly evidence: Evidence;
}

export interface AzureEndpoints {
  readonly blocked: readonly BlockedEndpoint[];
  /** Files that a service loads its rules from at boot, those too that only include others. */
  readonly filters: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

const endpoints: readonly AzureEndpoint[] = [
  { name: 'the wire server', address: '168.63.129.16', ports: [80, 32526] },
  { name: 'the instance metadata service', address: '169.254.169.254', ports: [80] },
];

/** Which of the platform's addresses root of this image cannot reach, by firewall rules and routes at rest. */
export const azureEndpoints = defineFact<AzureEndpoints>({
  id: 'azure-endpoints',
  description: 'Whether firewall rules and routes of the image cut off the wire server and the metadata service.',
  reads: [
    '/etc/sysconfig/iptables',
    '/etc/iptables/*',
    '/etc/nftables.conf',
    '/etc/ufw/*.rules',
    '/etc/firewalld/**',
    '/etc/netplan/*.yaml',
    '/etc/systemd/network/*.network',
    '/etc/sysconfig/network-scripts/route-*',
  ],
  async compute(context) {
    const { rootFs } = context;
    const { filters, unread } = await context.get(packetFilters);
    const routes = attempt(() => deadRoutes(rootFs));
    const known = isCouldNotRead(routes) ? [] : routes;
    const blocked = endpoints.flatMap((endpoint): readonly BlockedEndpoint[] => [
      ...filters.flatMap((filter) => blockedBy(filter, endpoint)),
      ...known
        .filter((route) => leadsTo(route, endpoint.address))
        .map(({ network, evidence }) => ({
          endpoint,
          how: `a route that throws away what goes to ${network}`,
          evidence,
        })),
    ]);
    return {
      blocked,
      filters: filters.flatMap((filter) => filter.evidence),
      unread: [...unread, ...(isCouldNotRead(routes) ? [routes] : [])],
    };
  },
});

/** The first port that each chain of a filter blocks. */
function blockedBy(filter: PacketFilter, endpoint: AzureEndpoint): readonly BlockedEndpoint[] {
  const found = new Map<string, BlockedEndpoint>();
  for (const port of endpoint.ports) {
    for (const { verdict, how, evidence } of filter.judge({ direction: 'out', address: endpoint.address, port })) {
      if ((verdict !== 'drop' && verdict !== 'reject') || !evidence) continue;
      const key = `${how} ${evidence.path}`;
      if (!found.has(key)) found.set(key, { endpoint, port, how, evidence });
    }
  }
  return [...found.values()];
}
