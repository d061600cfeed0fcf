import {
  defineRule,
  type Evidence,
  fail,
  finding,
  notApplicable,
  pass,
  sshServer,
  sshStart,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'ssh/boot-start',
  title: 'The SSH server starts at boot',
  severity: 'error',
  rationale: 'The VM boots and provisions, but refuses every login because nothing listens on port 22.',
  remediation: 'Enable the service or the socket of sshd, and unmask it.',
  fix: {
    debian: ['systemctl --root=/ unmask ssh.service', 'systemctl --root=/ enable ssh.service'],
    default: ['systemctl --root=/ unmask sshd.service', 'systemctl --root=/ enable sshd.service'],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/init/ubuntu/walinuxagent.service',
  ],
  covers: ['ssh-starts-at-boot'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sshServer, sshStart },
  check({ sshServer: server, sshStart: { startedBy, skippedFor, units } }) {
    if (!server.installed) return notApplicable('no sshd is installed, which ssh/server reports');
    if (skippedFor) {
      return fail(finding(`systemd skips sshd for ${skippedFor.text ?? 'a condition of its unit'}`, skippedFor));
    }
    if (startedBy?.kind === 'wanted') {
      const message = `only ${startedBy.unit} pulls sshd in, which is not enabled itself`;
      return fail(finding(message, startedBy.evidence, { severity: 'info' }));
    }
    if (startedBy) return pass(startedBy.evidence);
    const masked = units.find(({ state }) => state.startsWith('masked'));
    const [first] = units;
    const evidence: readonly Evidence[] = (masked ?? first)?.evidence ?? [{ path: '/usr/sbin/sshd' }];
    if (masked) return fail(finding(`${masked.name} is masked, so sshd does not start`, evidence));
    const message = first
      ? `${first.name} is ${first.state}, and no other unit starts sshd`
      : 'there is no unit and no init script for sshd';
    return fail(finding(message, evidence));
  },
});
