import {
  defineRule,
  type FindingDraft,
  family,
  finding,
  judge,
  notApplicable,
  type ProtectedFile,
  protectedFiles,
} from '../../src/rule-api.ts';

const mayOthersWrite = ({ status }: ProtectedFile): boolean => status !== undefined && (status.mode & 0o022) !== 0;
const modeOf = ({ status }: ProtectedFile): string => (status?.mode ?? 0).toString(8).padStart(4, '0');

export default defineRule({
  id: 'ssh/file-modes',
  title: 'SSH keys and configuration cannot be read or changed by others',
  severity: 'warning',
  rationale:
    'sshd ignores a host key that others may read and authorized keys that others may change, so logins fail after ' +
    'boot; a configuration that others may change hands over the VM.',
  remediation: 'Take the rights of others away.',
  fix: ['chmod 755 /etc/ssh', 'chmod 600 /etc/ssh/ssh_host_*_key', 'chown root:root /etc/ssh/sshd_config'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/kernel-related-boot-issues',
    'https://github.com/openssh/openssh-portable/blob/master/authfile.c',
    'https://github.com/openssh/openssh-portable/blob/master/misc.c',
  ],
  covers: ['ssh-config-permissions'],
  lisa: ['sanitytest.verify_vm_not_compromised'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { protectedFiles, family },
  check({ protectedFiles: files, family: distribution }) {
    const { sshDirectory, sshConfiguration, hostKeys, keyPaths, ownersRecorded, unread } = files;
    if (!files.modesRecorded) return notApplicable('the copy of the tree has lost the modes of its files');
    const findings: FindingDraft[] = [];
    for (const file of [sshDirectory, sshConfiguration]) {
      if (!file?.status) continue;
      if (mayOthersWrite(file))
        findings.push(
          finding(`${file.path} has mode ${modeOf(file)}: others than root may write to it`, file.evidence),
        );
      else if (ownersRecorded && file.status.uid !== 0)
        findings.push(finding(`${file.path} belongs to user ${file.status.uid} instead of root`, file.evidence));
    }
    for (const key of hostKeys) {
      // Red Hat lets the group ssh_keys read them, for ssh-keysign.
      const isForGroup =
        (distribution === 'rhel' || distribution === 'oracle' || distribution === 'fedora') && key.status?.gid !== 0;
      if (((key.status?.mode ?? 0) & (isForGroup ? 0o037 : 0o077)) !== 0)
        findings.push(
          finding(`${key.path} has mode ${modeOf(key)} where 0600 is wanted, so sshd ignores it`, key.evidence),
        );
    }
    for (const file of keyPaths) {
      if (mayOthersWrite(file)) {
        const message = `${file.path} has mode ${modeOf(file)}: others may write to it, so sshd ignores the keys of ${file.owner}`;
        findings.push(finding(message, file.evidence));
      } else if (ownersRecorded && file.status && file.status.uid !== 0 && file.status.uid !== file.uid) {
        const message = `${file.path} belongs to user ${file.status.uid}, so sshd ignores the keys of ${file.owner}`;
        findings.push(finding(message, file.evidence));
      } else if (file.holdsKeys && ((file.status?.mode ?? 0) & 0o077) !== 0) {
        const message = `${file.path} has mode ${modeOf(file)} where 0600 is wanted`;
        findings.push(finding(message, file.evidence, { severity: 'info' }));
      }
    }
    return judge(findings, [sshDirectory.evidence], unread);
  },
});
