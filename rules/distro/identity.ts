import { defineRule, distribution, fail, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/identity',
  title: 'The release files name the distribution',
  severity: 'error',
  rationale:
    'The agent and cloud-init choose the code for a distribution by its release files. Without them they use generic service names and paths, and the first boot fails where these do not fit.',
  remediation: 'Restore os-release with an ID, and remove release files of another distribution.',
  fix: ['ln -sf ../usr/lib/os-release /etc/os-release'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
    'https://www.freedesktop.org/software/systemd/man/latest/os-release.html',
    'https://github.com/python-distro/distro/blob/master/src/distro/distro.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/version.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/factory.py',
  ],
  covers: ['distro-identified'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { distribution },
  check({ distribution: found }) {
    if (!found) {
      return fail(finding('no release file names the distribution: os-release is missing and so is any older one'));
    }
    const { id, contradictions, withoutId, isKnownToAgent, evidence } = found;
    const findings = contradictions.map((file) =>
      finding(`${file.path} names another distribution than os-release, whose ID is ${id}`, file, {
        severity: 'warning',
      }),
    );
    if (withoutId) {
      findings.push(
        finding('os-release has no ID, by which programs tell distributions apart', withoutId, { severity: 'warning' }),
      );
    } else if (!isKnownToAgent) {
      findings.push(
        finding(
          `the Azure Linux Agent has no code for the distribution ${id} and takes generic names and paths`,
          evidence,
          {
            severity: 'info',
            subject: id,
          },
        ),
      );
    }
    return judge(findings, evidence);
  },
});
