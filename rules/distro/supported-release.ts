import { defineRule, fail, finding, lifecycle, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/supported-release',
  title: 'The release is not past its end of life',
  severity: 'warning',
  rationale:
    'Past its end of life VMs of a release get no security updates, and neither Microsoft nor the distribution supports them.',
  remediation:
    'Rebuild the image on a supported release, or give the date of your own support in the configuration (data: endOfLife).',
  references: [
    'https://github.com/endoflife-date/endoflife.date',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['distro-not-eol'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { lifecycle },
  check({ lifecycle: found }) {
    if (!found) return notApplicable('the distribution has no numbered release');
    const { release, dates, source, today, evidence } = found;
    if (!dates) {
      return notApplicable(
        `no end of support is known for ${release}; the configuration can give it (data: endOfLife)`,
      );
    }
    // Days written as YYYY-MM-DD sort as they follow each other.
    if (today <= dates.standard) return pass(evidence);
    const judged = `by ${source}`;
    const { standard, extended } = dates;
    if (extended === undefined)
      return fail(finding(`support of ${release} ended on ${standard} (${judged})`, evidence, { subject: release }));
    if (today > extended) {
      const message = `support of ${release} ended on ${standard}, the extended one on ${extended} (${judged})`;
      return fail(finding(message, evidence, { subject: release }));
    }
    const message = `general support of ${release} ended on ${standard}; only the extended one goes on until ${extended} (${judged})`;
    return fail(finding(message, evidence, { severity: 'info', subject: release }));
  },
});
