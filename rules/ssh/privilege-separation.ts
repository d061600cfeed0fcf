import {
  defineRule,
  fail,
  finding,
  notApplicable,
  pass,
  privilegeSeparation,
  protectedFiles,
  sshServer,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'ssh/privilege-separation',
  title: "sshd's privilege separation directory is there and belongs to root alone",
  severity: 'error',
  rationale: 'sshd refuses to start on every boot when the directory is missing, or when others may write to it.',
  remediation: 'Make the directory again, owned by root and writable by nobody else.',
  fix: {
    rhel: ['install -d -o root -g root -m 0711 /usr/share/empty.sshd   # /var/empty/sshd up to EL 8'],
    suse: ['install -d -o root -g root -m 0755 /var/lib/empty'],
    azurelinux: ['install -d -o root -g root -m 0700 /var/lib/sshd'],
    flatcar: ['install -d -o root -g root -m 0711 /var/empty'],
    alpine: ['install -d -o root -g root -m 0711 /var/empty'],
  },
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-sshconnectionissue-perms',
    'https://github.com/openssh/openssh-portable/blob/master/sshd.c',
  ],
  covers: ['ssh-privsep-directory'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sshServer, privilegeSeparation, protectedFiles },
  check({
    sshServer: { installed },
    privilegeSeparation: directory,
    protectedFiles: { ownersRecorded, modesRecorded },
  }) {
    if (!installed) return notApplicable('no sshd is installed, which ssh/server reports');
    if (!directory) return notApplicable('the boot makes the directory below /run');
    const { path, status, createdBy } = directory;
    if (createdBy) return pass(createdBy);
    if (!status) {
      const message = `${path} is missing, in which sshd of this distribution locks its unprivileged half`;
      return fail(finding(message, { path }, { severity: 'warning' }));
    }
    if (status.type !== 'directory') return fail(finding(`${path} is no directory`, { path }));
    if (modesRecorded && (status.mode & 0o022) !== 0) {
      const mode = status.mode.toString(8).padStart(4, '0');
      return fail(finding(`${path} has mode ${mode}, so that others than root may write to it`, { path }));
    }
    if (ownersRecorded && status.uid !== 0) {
      return fail(finding(`${path} belongs to user ${status.uid} instead of root`, { path }));
    }
    return pass({ path });
  },
});
