import {
  type Distribution,
  defineRule,
  distribution,
  fail,
  finding,
  judge,
  notApplicable,
  type Repository,
  repositories,
} from '../../src/rule-api.ts';

/** What the identifiers of a distribution's own repositories look like. */
const expected: Readonly<Record<string, readonly RegExp[]>> = {
  almalinux: [/baseos/i],
  azurelinux: [/^azurelinux-official-base$/, /^azurelinux-official-ms-oss$/, /^azurelinux-official-ms-non-oss$/],
  centos: [/base|baseos/i],
  fedora: [/fedora/i],
  mariner: [/^mariner-official-base$/, /^mariner-official-microsoft$/],
  ol: [/latest/i],
  rhel: [/base|baseos|rhel|rhui/i],
  rocky: [/baseos/i],
};
const debianArchives = /deb\.debian\.org|debian-archive\.trafficmanager\.net|azure\.deb\.debian\.cloud|mirror\+file:/;
/** Their repositories come with a subscription, at registration or from Azure's update infrastructure. */
const bySubscription = ['rhel', 'sles', 'sles_sap'];

function missing({ id }: Distribution, rpm: readonly Repository[], apt: readonly Repository[]): readonly string[] {
  if (id === 'debian') return apt.some(({ uri }) => debianArchives.test(uri)) ? [] : ['an archive of Debian'];
  return (expected[id] ?? [])
    .filter((pattern) => !rpm.some((repository) => pattern.test(repository.id)))
    .map((pattern) => `one that matches ${pattern.source}`);
}

export default defineRule({
  id: 'packages/repositories',
  title: 'The distribution’s repositories are configured',
  severity: 'warning',
  rationale: 'VMs made from the image can neither install nor update packages, from their first boot on.',
  remediation: 'Restore the release package of the distribution, which brings the repository files.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/update-linux-agent',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['pkg-repositories-present'],
  lisa: ['azure_image_standard.verify_repository_installed'],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle', 'fedora', 'debian', 'suse', 'azurelinux'] },
  facts: { distribution, repositories },
  check({ distribution: system, repositories: { rpm, apt, unread } }, { profiles }) {
    if (!system) return notApplicable('the distribution is not known');
    const found = system.family === 'debian' ? apt : rpm;
    if (found.length === 0 && unread.length === 0) {
      if (bySubscription.includes(system.id)) return notApplicable('the repositories come when the VM registers');
      return fail(finding('no package repository is enabled', [], { subject: 'none' }));
    }
    const severity = profiles.includes('marketplace') ? 'warning' : 'info';
    const findings = missing(system, rpm, apt).map((what) =>
      finding(
        `no enabled repository is the distribution’s own: ${what} is wanted`,
        found.map(({ evidence }) => evidence),
        { severity, subject: what, restsOnAbsence: true },
      ),
    );
    return judge(
      findings,
      found.map(({ evidence }) => evidence),
      unread,
    );
  },
});
