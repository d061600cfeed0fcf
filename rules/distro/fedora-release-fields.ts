import {
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  isCouldNotRead,
  judge,
  notApplicable,
  packages,
  reinstallPackages,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/fedora-release-fields',
  title: 'The fields of Fedora’s os-release agree with each other',
  severity: 'info',
  rationale: 'Microsoft’s validation of a Fedora image fails on a VM whose release fields contradict each other.',
  remediation: 'Restore os-release from the package fedora-release-common.',
  fix: reinstallPackages({ fedora: 'fedora-release-common' }),
  references: [
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/fedora/fedora_cloud_validation.py',
    'https://www.freedesktop.org/software/systemd/man/latest/os-release.html',
  ],
  covers: ['distro-fedora-edition-fields'],
  lisa: ['fedora_cloud_validation.verify_fedora_edition_identification'],
  needs: ['rootfs'],
  appliesTo: { families: ['fedora'] },
  facts: { distribution, packages },
  check({ distribution: system, packages: database }) {
    if (system?.id !== 'fedora') return notApplicable('the image is not Fedora itself');
    const { versionId, prettyName, cpeName, supportEnd, evidence } = system;
    const fields = { VERSION_ID: versionId, PRETTY_NAME: prettyName, CPE_NAME: cpeName, SUPPORT_END: supportEnd };
    const findings: FindingDraft[] = Object.entries(fields)
      .filter(([, value]) => value === undefined)
      .map(([key]) => finding(`os-release has no ${key}`, evidence, { subject: key }));
    if (versionId === undefined) return judge(findings);
    if (cpeName !== undefined && !cpeName.endsWith(`:${versionId}`)) {
      findings.push(
        finding(`CPE_NAME is ${cpeName}, but VERSION_ID is ${versionId}`, evidence, { subject: 'CPE_NAME' }),
      );
    }
    const installed = database.state === 'read' ? database.find('fedora-release-common') : undefined;
    if (installed && installed.version !== versionId) {
      const message = `the package fedora-release-common is ${installed.version}, but VERSION_ID is ${versionId}`;
      findings.push(finding(message, [installed.evidence, ...evidence], { subject: 'package' }));
    }
    return judge(findings, evidence, isCouldNotRead(database.state) ? [database.state] : []);
  },
});
