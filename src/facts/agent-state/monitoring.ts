import type { Evidence } from '../../engine/model.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { UnitFiles } from '../unit-files.ts';
import { holdsAnything } from './holds-anything.ts';

/** A monitoring or management agent that Azure installs as an extension, or that a builder installed by package. */
export interface MonitoringAgent {
  readonly name: string;
  readonly evidence: Evidence;
  /** What ties it to a workspace, tenant or machine. */
  readonly onboarding: readonly Evidence[];
  /** Whether one of its services starts at boot. */
  readonly startsAtBoot: boolean;
}

interface Product {
  readonly name: string;
  /** Any of them means that it is installed. */
  readonly programs: readonly string[];
  readonly units: readonly string[];
  /** Files, or directories that are empty before it is set up. */
  readonly onboarding: readonly string[];
}

const products: readonly Product[] = [
  {
    name: 'Azure Monitor Agent',
    programs: ['/opt/microsoft/azuremonitoragent'],
    units: ['azuremonitoragent.service', 'mdsd.service'],
    onboarding: [
      '/etc/opt/microsoft/azuremonitoragent/config-cache/configchunks',
      '/etc/opt/microsoft/azuremonitoragent/config-cache/metricCounters.json',
    ],
  },
  {
    name: 'Log Analytics agent',
    programs: ['/opt/microsoft/omsagent'],
    units: ['omsagent.service'],
    onboarding: ['/etc/opt/microsoft/omsagent/conf/omsadmin.conf', '/etc/opt/microsoft/omsagent/certs'],
  },
  {
    name: 'Microsoft Defender for Endpoint',
    programs: ['/opt/microsoft/mdatp'],
    units: ['mdatp.service'],
    onboarding: ['/etc/opt/microsoft/mdatp/mdatp_onboard.json'],
  },
  {
    name: 'Azure Connected Machine agent',
    programs: ['/opt/azcmagent'],
    units: ['himdsd.service'],
    onboarding: ['/var/opt/azcmagent/agentconfig.json', '/var/opt/azcmagent/certs'],
  },
];

export function monitoringAgents(rootFs: RootFs, units: UnitFiles): readonly MonitoringAgent[] {
  return products.flatMap((product): readonly MonitoringAgent[] => {
    const program = product.programs.find((path) => rootFs.stat(path) !== undefined);
    if (program === undefined) return [];
    return [
      {
        name: product.name,
        evidence: { path: program },
        onboarding: product.onboarding.filter((path) => holdsAnything(rootFs, path)).map((path) => ({ path })),
        startsAtBoot: product.units.some((unit) => units.state(unit).startsAtBoot),
      },
    ];
  });
}
