import {
  type Account,
  accounts,
  configuredCredentials,
  defineRule,
  finding,
  judge,
  notApplicable,
  partition,
} from '../../src/rule-api.ts';

/** The keys of people are reported with their accounts by generalization/build-users. */
function isJudgedHere({ isHuman, hasLoginShell, shell }: Account): boolean {
  return !(isHuman && hasLoginShell) && !shell.endsWith('/nologin');
}

export default defineRule({
  id: 'identity/authorized-keys',
  title: 'Neither root nor a system account has authorized SSH keys',
  severity: 'error',
  rationale: 'Whoever holds the key that was used for building can log in to every VM made from the image.',
  remediation: 'Delete the authorized_keys files, and take keys out of the configuration of cloud-init.',
  fix: ['rm -f /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys'],
  references: [
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_ssh.py',
  ],
  covers: ['id-no-authorized-keys'],
  lisa: ['azure_image_standard.verify_no_pre_exist_users'],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { accounts, configuredCredentials },
  check({ accounts: { accounts: list, unreadFor }, configuredCredentials: configured }) {
    const configuredKeys = configured.credentials.filter(({ kind }) => kind === 'authorized-key');
    if (list.length === 0 && configuredKeys.length === 0) return notApplicable('/etc/passwd names no account');
    // Accounts may share a home: the one that can log in stands for all of them.
    const judged = list.filter(isJudgedHere).toSorted((a, b) => Number(b.hasLoginShell) - Number(a.hasLoginShell));
    const files = new Map(
      judged
        .flatMap((account) => partition(account.authorizedKeys).read.map((file) => ({ account, file })))
        .toReversed()
        .map((entry) => [entry.file.path, entry]),
    );
    const ofFiles = [...files.values()]
      .filter(({ file }) => file.keys.length > 0)
      .map(({ account, file }) => {
        const keys = file.keys.length === 1 ? 'an authorized SSH key' : `${file.keys.length} authorized SSH keys`;
        const severity = account.hasLoginShell ? 'error' : 'warning';
        return finding(`account ${account.name} has ${keys}`, file.keys, { severity, subject: file.path });
      });
    const ofConfiguration = configuredKeys.map(({ setting, account, evidence }) => {
      const who = account === undefined ? 'an account' : `account ${account}`;
      return finding(`${setting} gives SSH keys to ${who} on every VM`, evidence, { subject: `${setting} ${account}` });
    });
    const unseen = partition(judged.flatMap((account) => account.authorizedKeys)).unread;
    const notices = judged.flatMap((account) =>
      partition(account.authorizedKeys).read.flatMap((file) => file.forcedNotices),
    );
    return judge([...ofFiles, ...ofConfiguration], notices, [
      ...new Set([...unreadFor.keys, ...unseen, ...configured.unread]),
    ]);
  },
});
