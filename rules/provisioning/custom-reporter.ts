import {
  customReporter,
  defineRule,
  type FindingDraft,
  finding,
  firstBoot,
  judge,
  notApplicable,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/custom-reporter',
  title: 'A reporter of the image’s own starts when the network is up, and its program is there',
  severity: 'warning',
  rationale:
    'Nobody else tells Azure that the VM is ready: a reporter that runs too early or not at all makes the first boot end as a failed deployment.',
  remediation: 'Order the unit after network-online.target, pull that target in, and install the interpreter.',
  fix: [
    "mkdir -p /etc/systemd/system/azure-provisioning.service.d && printf '[Unit]\\nAfter=network-online.target\\nWants=network-online.target\\n' > /etc/systemd/system/azure-provisioning.service.d/network.conf",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/no-agent',
    'https://www.freedesktop.org/software/systemd/man/latest/systemd.special.html',
  ],
  covers: ['prov-custom-report-ready'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { customReporter, firstBoot },
  check({ customReporter: reporter, firstBoot: { unread } }) {
    if (!reporter && unread.length > 0) return unknown(unread.join('; '));
    if (!reporter) return notApplicable('no program of the image’s own has to report to Azure');
    const { unit, waitsForNetwork, wantsNetwork, missing, evidence } = reporter;
    const findings: FindingDraft[] = [];
    if (!waitsForNetwork) {
      findings.push(
        finding(`${unit} does not wait for network-online.target before it reports`, evidence, { subject: 'After' }),
      );
    } else if (!wantsNetwork) {
      const message = `${unit} is ordered after network-online.target and does not pull it in`;
      findings.push(finding(message, evidence, { subject: 'Wants' }));
    }
    if (missing !== undefined)
      findings.push(finding(`${unit} runs ${missing}, which is not in the image`, evidence, { subject: 'program' }));
    return judge(findings, evidence);
  },
});
