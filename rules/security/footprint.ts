import { defineRule, type FindingDraft, finding, footprint, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/footprint',
  title: 'Only needed software and services are in the image',
  severity: 'info',
  rationale: 'Each further program and open port is something to attack, and to update, on every VM.',
  remediation: 'Remove what the product does not need.',
  fix: ['systemctl --root=/ set-default multi-user.target', 'systemctl --root=/ disable NAME.service'],
  references: [
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['sec-minimal-footprint'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { footprint },
  check({ footprint: { desktop, listeners, buildTools, buildsOnPurpose, foreignGuestTools } }) {
    const findings: FindingDraft[] = [
      ...(desktop ? [finding(`a desktop starts at boot (${desktop.unit})`, desktop.evidence)] : []),
      ...listeners.map(({ name, unit, evidence }) => finding(`${name} listens after boot (${unit})`, evidence)),
      ...foreignGuestTools.map(({ name, unit, evidence }) =>
        finding(`the guest tools of ${name} start on Azure too (${unit})`, evidence),
      ),
    ];
    if (buildTools.length > 0 && !buildsOnPurpose) {
      const names = buildTools.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
      findings.push(
        finding(`compilers and build tools are installed: ${names}`, buildTools, { subject: 'build-tools' }),
      );
    }
    return judge(findings);
  },
});
