import {
  type Account,
  accounts,
  type ConfiguredCredential,
  configuredCredentials,
  defineRule,
  type FindingDraft,
  finding,
  isCouldNotRead,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

/** root has a rule of its own, and so have people: generalization/root-password and generalization/build-users. */
function isJudgedHere({ name, isHuman, hasLoginShell }: Account): boolean {
  return name !== 'root' && !(isHuman && hasLoginShell);
}

function judgeAccount({ name, password, hasLoginShell }: Account): readonly FindingDraft[] {
  if (isCouldNotRead(password)) return [];
  const { state, evidence } = password;
  if (state === 'usable') return [finding(`account ${name} has a usable password`, evidence)];
  if (state === 'empty') {
    const severity = hasLoginShell ? 'error' : 'warning';
    return [finding(`account ${name} has an empty password`, evidence, { severity })];
  }
  if (state !== 'invalid') return [];
  const message = `the password field of ${name} holds text that locks nothing and is no hash, where ! or * is wanted`;
  return [finding(message, evidence, { severity: 'info' })];
}

function describe({ setting, account }: ConfiguredCredential): string {
  return `${setting} gives a password to ${account === undefined ? 'an account' : `account ${account}`} on every VM`;
}

export default defineRule({
  id: 'identity/passwords',
  title: 'No system account and no configuration brings a usable password',
  severity: 'error',
  rationale: 'Everyone who knows the password logs in to every VM made from the image; certification refuses it.',
  remediation: 'Lock the accounts, take passwords out of the configuration, and delete backups that hold hashes.',
  fix: ['passwd -l NAME', 'rm -f /etc/shadow- /etc/passwd-'],
  references: [
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_set_passwords.py',
    'https://github.com/linux-pam/linux-pam/blob/master/modules/pam_unix/passverify.c',
  ],
  covers: ['id-no-default-credentials'],
  lisa: ['azure_image_standard.verify_no_pre_exist_users'],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { accounts, configuredCredentials },
  check({ accounts: { accounts: list, unusedHashes, backupHashes, unreadFor }, configuredCredentials: configured }) {
    const passwords = configured.credentials.filter(({ kind }) => kind === 'password');
    if (list.length === 0 && passwords.length === 0) return notApplicable('/etc/passwd names no account');
    const backups = [...new Set(backupHashes.map(({ path }) => path))].map((path) => {
      const hashes = backupHashes.filter((hash) => hash.path === path);
      const message = `a backup of the accounts keeps ${hashes.length === 1 ? 'a password hash' : `${hashes.length} password hashes`}`;
      return finding(message, hashes, { severity: 'warning', subject: path });
    });
    const findings = [
      ...list.filter(isJudgedHere).flatMap(judgeAccount),
      ...unusedHashes.map((hash) => finding('a password hash is left on a line that no login uses', hash)),
      ...passwords.map((credential) =>
        finding(describe(credential), credential.evidence, { subject: `${credential.setting} ${credential.account}` }),
      ),
      ...backups,
    ];
    return judge(findings, [], [...unreadFor.passwords, ...configured.unread]);
  },
});
