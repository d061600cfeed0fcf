import {
  cloudInit,
  cloudInitModules,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
  repositories,
  unknownBy,
} from '../../src/rule-api.ts';

const azureArchive = /azure\.archive\.ubuntu\.com/;
/** Arm64 has no mirror in Azure for all regions. */
const portsArchive = /ports\.ubuntu\.com/;

export default defineRule({
  id: 'packages/ubuntu-archive',
  title: 'Ubuntu uses the archive in Azure, with security and updates',
  severity: 'warning',
  rationale: 'VMs fetch packages from outside their region, or never get security updates, from their first boot on.',
  remediation: 'Point apt at azure.archive.ubuntu.com, and name the suites for security and updates.',
  fix: [
    "sed -i 's#//archive.ubuntu.com#//azure.archive.ubuntu.com#' /etc/apt/sources.list /etc/apt/sources.list.d/*.sources",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['pkg-ubuntu-azure-mirror'],
  lisa: ['azure_image_standard.verify_repository_installed'],
  needs: ['rootfs'],
  appliesTo: { families: ['ubuntu'] },
  facts: { repositories, cloudInit, cloudInitModules },
  check(
    { repositories: { apt, unread }, cloudInit: { installed, config }, cloudInitModules: modules },
    { imageType, profiles },
  ) {
    const keepsList = ['apt_preserve_sources_list', 'apt'].some(
      (key) => config.get(key, ...(key === 'apt' ? ['preserve_sources_list'] : [])) === true,
    );
    const mirrors = JSON.stringify([
      config.get('system_info', 'package_mirrors') ?? '',
      config.get('apt', 'primary') ?? '',
    ]);
    const rewrites =
      installed &&
      imageType === 'generalized' &&
      modules.has('apt_configure') &&
      !keepsList &&
      azureArchive.test(mirrors);
    if (rewrites) return notApplicable('cloud-init writes the archive in Azure into the list on first boot');
    const gap = imageType === 'generalized' && installed && !keepsList ? unknownBy(config.unread) : undefined;
    if (gap) return gap;
    const evidence = apt.map((source) => source.evidence);
    const findings: FindingDraft[] = ['security', 'updates']
      .filter((pocket) => !apt.some(({ id }) => id.endsWith(`-${pocket}`)))
      .map((pocket) => finding(`apt has no suite for ${pocket}`, evidence, { subject: pocket, restsOnAbsence: true }));
    if (apt.length > 0 && !apt.some(({ uri }) => azureArchive.test(uri) || portsArchive.test(uri))) {
      const severity = profiles.includes('marketplace') ? 'warning' : 'info';
      findings.push(
        finding('apt does not use azure.archive.ubuntu.com, and cloud-init will not change that', evidence, {
          severity,
          subject: 'mirror',
          restsOnAbsence: true,
        }),
      );
    }
    return judge(findings, evidence, unread);
  },
});
