import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { packetFilters } from './azure-endpoints/packet-filters.ts';
import { deadRoutes, leadsTo } from './azure-endpoints/routes.ts';
import { unitFiles } from './unit-files.ts';

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
  /** Files with rules that a service loads at boot. */
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
    const { filters, unread } = packetFilters(rootFs, await context.get(unitFiles));
    const routes = attempt(() => deadRoutes(rootFs));
    const known = isCouldNotRead(routes) ? [] : routes;
    const blocked = endpoints.flatMap((endpoint): readonly BlockedEndpoint[] => [
      ...filters.flatMap(({ blocks }) => {
        const port = endpoint.ports.find((candidate) => blocks({ address: endpoint.address, port: candidate }));
        const blocking = port === undefined ? undefined : blocks({ address: endpoint.address, port });
        return port === undefined || !blocking ? [] : [{ endpoint, port, ...blocking }];
      }),
      ...known
        .filter((route) => leadsTo(route, endpoint.address))
        .map(({ network, evidence }) => ({
          endpoint,
          how: `a route that throws away what goes to ${network}`,
          evidence,
        })),
    ]);
    const paths = [...new Set(filters.map(({ path }) => path))];
    return {
      blocked,
      filters: paths.map((path) => ({ path })),
      unread: [...unread, ...(isCouldNotRead(routes) ? [routes] : [])],
    };
  },
});
