import { type SupportedReleases, supportedReleases } from '../data/supported-releases.ts';
import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { describeEntry, type Standing, standingOf } from '../formats/release-list.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { architecture } from './architecture.ts';
import { type Distribution, distribution } from './distribution.ts';
import { tryGet } from './try-get.ts';

/** Where the release stands to one of Microsoft's lists. */
export interface ReleaseStanding {
  /** What the list is of. */
  readonly subject: string;
  /** `other`: the list does not have the distribution. */
  readonly standing: Standing | 'other';
  /** The list's releases of the distribution in words; empty for `other`. */
  readonly listed: string;
  /** Day of the list. */
  readonly asOf: string;
}

export interface ReleaseSupport {
  /** `rhel 9.6`. */
  readonly release: string;
  readonly endorsement: ReleaseStanding;
  /** By the list for the architecture of the image. */
  readonly agent: ReleaseStanding;
  /** Why the architecture, and so the list for the agent, is a guess. */
  readonly agentUnread?: CouldNotRead;
  readonly cloudInit: ReleaseStanding;
  readonly trustedLaunch: ReleaseStanding;
  readonly nvme: ReleaseStanding;
  readonly acceleratedNetworking: ReleaseStanding;
  readonly evidence: readonly Evidence[];
}

/** Undefined when no release is named, as on rolling distributions. */
export const releaseSupport = defineFact<ReleaseSupport | undefined>({
  id: 'release-support',
  description: "Where distribution and release stand to Microsoft's dated lists of supported releases.",
  reads: distribution.reads,
  async compute(context) {
    const system = await context.get(distribution);
    const version = system?.versionId;
    if (system === undefined || version === undefined) return undefined;
    const processor = await tryGet(context, architecture);
    const onArm = processor === 'aarch64';
    const standing = (list: SupportedReleases) => standingIn(list, system, version);
    return {
      release: `${system.id} ${version}`,
      endorsement: standing(supportedReleases.endorsement),
      agent: standing(onArm ? supportedReleases.agentOnArm : supportedReleases.agent),
      ...(isCouldNotRead(processor) && { agentUnread: processor }),
      cloudInit: standing(supportedReleases.cloudInit),
      trustedLaunch: standing(supportedReleases.trustedLaunch),
      nvme: standing(supportedReleases.nvme),
      acceleratedNetworking: standing(supportedReleases.acceleratedNetworking),
      evidence: system.evidence,
    };
  },
});

function standingIn(list: SupportedReleases, { id }: Distribution, version: string): ReleaseStanding {
  const { subject, asOf, releases } = list;
  const entries = releases[id] ?? (id === 'sles_sap' ? releases['sles'] : undefined);
  if (!entries) return { subject, asOf, standing: 'other', listed: '' };
  return { subject, asOf, standing: standingOf(version, entries), listed: entries.map(describeEntry).join(', ') };
}
