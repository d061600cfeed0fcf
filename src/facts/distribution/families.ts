import type { Family } from '../../engine/model.ts';

/** Family by `ID`, or by a word of `ID_LIKE`. */
const FAMILIES: Readonly<Record<string, Family>> = {
  almalinux: 'rhel',
  alpine: 'alpine',
  arch: 'arch',
  archarm: 'arch',
  azurelinux: 'azurelinux',
  centos: 'rhel',
  cloudlinux: 'rhel',
  coreos: 'flatcar',
  debian: 'debian',
  eurolinux: 'rhel',
  fedora: 'fedora',
  flatcar: 'flatcar',
  freebsd: 'bsd',
  kali: 'debian',
  mariner: 'azurelinux',
  netbsd: 'bsd',
  ol: 'oracle',
  openbsd: 'bsd',
  opensuse: 'suse',
  'opensuse-leap': 'suse',
  'opensuse-tumbleweed': 'suse',
  oracle: 'oracle',
  redhat: 'rhel',
  rhel: 'rhel',
  rocky: 'rhel',
  'sle-micro': 'suse',
  'sl-micro': 'suse',
  sle_hpc: 'suse',
  sles: 'suse',
  sles_sap: 'suse',
  suse: 'suse',
  ubuntu: 'ubuntu',
};

/**
 * Family of a distribution by its `ID`, else by `ID_LIKE`. Derivatives of Red Hat Enterprise Linux name Fedora as well,
 * so a word that means a narrower family goes first.
 */
export function familyOf(id: string, idLike: readonly string[]): Family {
  const own = FAMILIES[id];
  if (own) return own;
  const families = idLike.flatMap((word) => FAMILIES[word] ?? []);
  if (families.includes('ubuntu')) return 'ubuntu';
  if (families.includes('rhel')) return 'rhel';
  return families[0] ?? 'other';
}

/** Every `ID` of a family; empty for the family of all others. */
export function idsOf(family: Family): readonly string[] {
  return Object.keys(FAMILIES).filter((id) => FAMILIES[id] === family);
}

/** Names for which the agent has code of its own (`_get_osutil` of WALinuxAgent's osutil/factory.py), after its renaming. */
const AGENT_NAMES = new Set([
  'almalinux',
  'alpaquita',
  'alpine',
  'arch',
  'azurelinux',
  'centos',
  'chainguard',
  'clear-linux-os',
  'cloudlinux',
  'coreos',
  'debian',
  'devuan',
  'fedora',
  'flatcar',
  'freebsd',
  'kali',
  'mariner',
  'ol',
  'openbsd',
  'opensuse',
  'opensuse-leap',
  'openwrt',
  'photon',
  'redhat',
  'rhel',
  'rocky',
  'sle-micro',
  'sle_hpc',
  'sles',
  'suse',
  'ubuntu',
  'uos',
]);

export function isKnownToAgent(id: string): boolean {
  return AGENT_NAMES.has(id);
}
