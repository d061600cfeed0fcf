import { endOfLife, type SupportDates } from '../data/end-of-life.ts';
import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type Distribution, distribution } from './distribution.ts';
import { judgementDay } from './judgement-day.ts';

/** How long the release is supported, as known on a day. */
export interface Lifecycle {
  /** `debian-12`, as the configuration names it. */
  readonly release: string;
  /** Last days, YYYY-MM-DD; undefined for a release that nothing tells the dates of. */
  readonly dates?: SupportDates;
  /** Who says so, with the day where the knowledge has one. */
  readonly source?: string;
  /** The day that the image is judged on, YYYY-MM-DD. */
  readonly today: string;
  readonly evidence: readonly Evidence[];
}

/** Support dates of the distribution's release; undefined when no release is named, as on rolling distributions. */
export const lifecycle = defineFact<Lifecycle | undefined>({
  id: 'lifecycle',
  description: 'End of standard and extended support of the release, by dated data, the configuration or os-release.',
  reads: distribution.reads,
  async compute(context) {
    const system = await context.get(distribution);
    if (system?.versionId === undefined) return undefined;
    const names = releaseNames(system, system.versionId);
    const common = { today: await context.get(judgementDay), evidence: system.evidence };
    const configured = context.host.data?.endOfLife ?? {};
    for (const release of names) {
      const day = configured[release];
      if (day !== undefined) return { release, dates: { standard: day }, source: 'the configuration', ...common };
    }
    for (const release of names) {
      const dates = endOfLife.releases[release];
      if (dates) return { release, dates, source: `dates as of ${endOfLife.asOf}`, ...common };
    }
    const [release = system.id] = names;
    const end = system.supportEnd;
    if (end === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(end)) return { release, ...common };
    return { release, dates: { standard: end }, source: 'SUPPORT_END of os-release', ...common };
  },
});

/** Names under which the release may be known, the more exact first: `rhel-9.6`, `rhel-9`. */
function releaseNames({ id, name }: Distribution, versionId: string): readonly string[] {
  const isStream = id === 'centos' && /stream/i.test(name ?? '');
  const own = isStream ? 'centos-stream' : id === 'sles_sap' ? 'sles' : id;
  const [major = versionId, minor] = versionId.split('.');
  // SUSE calls the first release of a major version 15, the table 15.0; Alpine has three parts.
  const versions = [versionId, ...(minor === undefined ? [`${major}.0`] : [`${major}.${minor}`]), major];
  return [...new Set(versions.map((version) => `${own}-${version}`))];
}
