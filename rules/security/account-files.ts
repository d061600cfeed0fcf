import {
  accounts,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  protectedFiles,
  steps,
  waysToLogIn,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/account-files',
  title: 'Account files are plain and closed, and only root has UID 0',
  severity: 'error',
  rationale:
    'Password hashes that everybody may read, or a second root, hand every VM made from the image to an attacker.',
  remediation: 'Delete accounts with UID 0 other than root, and take the rights of others away.',
  fix: steps(
    {
      debian: ['chown root:shadow /etc/shadow && chmod 0640 /etc/shadow'],
      suse: ['chown root:shadow /etc/shadow && chmod 0640 /etc/shadow'],
      default: ['chmod 0000 /etc/shadow'],
    },
    'chmod 0644 /etc/passwd',
  ),
  references: [
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/sanity/sanitytest.py',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
  ],
  covers: ['sec-account-files-sane'],
  lisa: ['sanitytest.verify_vm_not_compromised'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { accounts, protectedFiles },
  check({
    accounts: { accounts: list },
    protectedFiles: { passwd, shadow, shell, sshConfiguration, modesRecorded, unread },
  }) {
    const findings: FindingDraft[] = [];
    for (const { path, status, evidence } of [passwd, shadow, shell, ...(sshConfiguration ? [sshConfiguration] : [])]) {
      if (status && status.type !== 'file')
        findings.push(
          finding(`${path} is a ${status.type}, where a plain file is wanted`, evidence, { severity: 'warning' }),
        );
    }
    const mode = (file: typeof shadow): string => (file.status?.mode ?? 0).toString(8).padStart(4, '0');
    if (modesRecorded && ((shadow.status?.mode ?? 0) & 0o007) !== 0)
      findings.push(
        finding(`/etc/shadow has mode ${mode(shadow)}: everybody has rights on the password hashes`, shadow.evidence, {
          severity: 'warning',
        }),
      );
    if (modesRecorded && ((passwd.status?.mode ?? 0) & 0o022) !== 0)
      findings.push(
        finding(`/etc/passwd has mode ${mode(passwd)}: others than root may change it`, passwd.evidence, {
          severity: 'warning',
        }),
      );
    const roots = list.filter(({ uid }) => uid === 0);
    const first = roots.find(({ name }) => name === 'root') ?? roots[0];
    for (const account of roots) {
      if (account === first) continue;
      const { ways } = waysToLogIn(account);
      const how = ways.length > 0 ? 'is a second root account that can log in' : 'is a second account with UID 0';
      findings.push(
        finding(
          `${account.name} ${how}`,
          [account.evidence, ...ways.slice(0, 1)],
          ways.length > 0 ? {} : { severity: 'warning' },
        ),
      );
    }
    return judge(findings, [passwd.evidence], unread);
  },
});
