import { defineFact } from '../engine/define.ts';
import type { Evidence, Family } from '../engine/model.ts';
import { parseOsRelease } from '../formats/os-release.ts';
import type { ShellAssignments } from '../formats/shell-assignments.ts';
import { CouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { familyOf, isKnownToAgent } from './distribution/families.ts';
import { type ReleaseFile, readReleaseFiles } from './distribution/release-files.ts';

/** Which distribution the image says it is. */
export interface Distribution {
  /** `ID` of os-release, or its equivalent taken from a legacy release file. */
  readonly id: string;
  readonly idLike: readonly string[];
  readonly family: Family;
  /** `VERSION_ID`; rolling releases have none. */
  readonly versionId?: string;
  readonly variantId?: string;
  readonly name?: string;
  readonly prettyName?: string;
  /** `CPE_NAME`. */
  readonly cpeName?: string;
  /** `SUPPORT_END`, a day. */
  readonly supportEnd?: string;
  /** `legacy` when no os-release named the distribution. */
  readonly source: 'os-release' | 'legacy';
  /** Other release files that are present, with their first line as text. */
  readonly releaseFiles: readonly Evidence[];
  /** Those that name a distribution of a family that neither `id` nor `idLike` belongs to. */
  readonly contradictions: readonly Evidence[];
  /** The os-release file, when it has no `ID`. */
  readonly withoutId?: Evidence;
  /** What the agent calls the system when a file of its own decides: `get_distro` of WALinuxAgent's version.py. */
  readonly agentName?: 'gaia';
  /** Whether the Azure Linux Agent has code of its own for `id`; else it takes generic names and paths. */
  readonly isKnownToAgent: boolean;
  readonly evidence: readonly Evidence[];
}

const GAIA_RELEASE = '/etc/cp-release';

/** Undefined when no release file exists at all. */
export const distribution = defineFact<Distribution | undefined>({
  id: 'distribution',
  description: 'Distribution, family and version by os-release, else by the legacy release files.',
  reads: ['/etc/os-release', '/usr/lib/os-release', '/etc/*-release', '/etc/debian_version', '/bin/freebsd-version'],
  compute({ rootFs }) {
    const releaseFiles = readReleaseFiles(rootFs);
    const osRelease = readOsRelease(rootFs);
    const isGaia = rootFs.stat(GAIA_RELEASE) !== undefined;
    if (osRelease) return named(fromOsRelease(osRelease, releaseFiles), isGaia);

    const [legacy] = releaseFiles;
    if (legacy) return named(fromLegacy(legacy, releaseFiles, undefined), isGaia);
    const target = rootFs.readLink('/etc/os-release');
    if (target !== undefined && (rootFs.readDir('/usr/lib') ?? []).length === 0) {
      throw new CouldNotRead(
        '/etc/os-release',
        `leads to ${target}, but /usr is empty here: it may be on another volume`,
      );
    }
    return undefined;
  },
});

/** Check Point's appliances are built on Enterprise Linux and keep its release files. */
function named(found: Distribution, isGaia: boolean): Distribution {
  return isGaia ? { ...found, agentName: 'gaia', isKnownToAgent: true } : found;
}

interface OsRelease {
  readonly path: string;
  readonly content: ShellAssignments;
}

/** /etc goes first and is never merged with /usr/lib, as os-release(5) says. */
function readOsRelease(rootFs: RootFs): OsRelease | undefined {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = rootFs.readText(path);
    if (text !== undefined) return { path, content: parseOsRelease(text) };
  }
  return undefined;
}

function fromOsRelease({ path, content }: OsRelease, releaseFiles: readonly ReleaseFile[]): Distribution {
  const value = (key: string) => content.byKey.get(key)?.value || undefined;
  const id = value('ID')?.toLowerCase();
  const [legacy] = releaseFiles;
  if (id === undefined && legacy) return fromLegacy(legacy, releaseFiles, { path });

  const idLike = (value('ID_LIKE') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const evidence = ['ID', 'ID_LIKE', 'VERSION_ID', 'PRETTY_NAME'].flatMap((key): Evidence[] => {
    const assignment = content.byKey.get(key);
    return assignment ? [{ path, line: assignment.line, text: assignment.text }] : [];
  });
  return {
    // os-release(5): a system that does not name itself is "linux".
    id: id ?? 'linux',
    idLike,
    family: familyOf(id ?? 'linux', idLike),
    ...defined({
      versionId: value('VERSION_ID'),
      variantId: value('VARIANT_ID'),
      name: value('NAME'),
      prettyName: value('PRETTY_NAME'),
      cpeName: value('CPE_NAME'),
      supportEnd: value('SUPPORT_END'),
    }),
    source: 'os-release',
    releaseFiles: releaseFiles.map((file) => file.evidence),
    contradictions: id === undefined ? [] : findContradictions(id, idLike, releaseFiles),
    ...(id === undefined && { withoutId: { path } }),
    isKnownToAgent: isKnownToAgent(id ?? 'linux'),
    evidence: evidence.length > 0 ? evidence : [{ path }],
  };
}

function fromLegacy(
  legacy: ReleaseFile,
  releaseFiles: readonly ReleaseFile[],
  withoutId: Evidence | undefined,
): Distribution {
  const id = legacy.id ?? 'linux';
  return {
    id,
    idLike: [],
    family: familyOf(id, []),
    ...defined({ versionId: legacy.versionId, prettyName: legacy.evidence.text || undefined }),
    source: 'legacy',
    releaseFiles: releaseFiles.map((file) => file.evidence),
    contradictions: [],
    ...(withoutId && { withoutId }),
    isKnownToAgent: isKnownToAgent(id),
    evidence: [legacy.evidence],
  };
}

/** Oracle Linux keeps a redhat-release that says Red Hat, and a derivative may keep the file of what it derives from. */
function findContradictions(id: string, idLike: readonly string[], releaseFiles: readonly ReleaseFile[]): Evidence[] {
  const own = new Set([familyOf(id, idLike), ...idLike.map((word) => familyOf(word, []))]);
  if (own.has('oracle')) own.add('rhel');
  if (own.has('ubuntu')) own.add('debian');
  return releaseFiles
    .filter((file) => file.id !== undefined && file.id !== id && !own.has(familyOf(file.id, [])))
    .map((file) => file.evidence);
}

function defined<T extends Readonly<Record<string, string | undefined>>>(values: T): { [K in keyof T]?: string } {
  // Keys without a value are left out, as exactOptionalPropertyTypes wants them.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
