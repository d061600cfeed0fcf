import {
  type Account,
  accounts,
  credentialsOf,
  type Distribution,
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  isCouldNotRead,
  judge,
  notApplicable,
  partition,
  waysToLogIn,
} from '../../src/rule-api.ts';

/** Flatcar and Fedora CoreOS are delivered with the account core, locked, to which Ignition gives keys. */
function isDelivered(account: Account, system: Distribution | undefined): boolean {
  const bringsCore = system?.family === 'flatcar' || system?.variantId === 'coreos';
  return bringsCore && account.name === 'core' && waysToLogIn(account).ways.length === 0;
}

function judgeAccount(account: Account): FindingDraft {
  const { name } = account;
  const credentials = credentialsOf(account);
  const places = [account.evidence, ...credentials.flatMap(({ evidence }) => evidence)];
  if (credentials.length > 0) {
    const what = credentials.map((credential) => credential.name).join(', ');
    return finding(`account ${name} is left with ${what}`, places, { subject: name });
  }
  const state = isCouldNotRead(account.password)
    ? 'with a password that could not be read'
    : 'without password, keys or sudo without a password';
  return finding(`account ${name} is left, ${state}`, places, { severity: 'warning', subject: name });
}

export default defineRule({
  id: 'generalization/build-users',
  title: 'Accounts created for building are removed with their homes',
  severity: 'error',
  rationale:
    'The build user can log in to every clone, and an administrator who is given the same name on first boot keeps its old password and keys.',
  remediation:
    'Remove the account with its home and its sudo rules; waagent -deprovision+user skips it silently when ovf-env.xml is gone.',
  fix: ['userdel -rf BUILDUSER', 'rm -f /etc/sudoers.d/BUILDUSER'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/generalize',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
  ],
  covers: ['gen-provisioned-users-removed'],
  lisa: ['azure_image_standard.verify_no_pre_exist_users'],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { accounts, distribution },
  check({ accounts: { accounts: list, orphanedHomes, orphanedKeys, unread }, distribution: system }) {
    if (list.length === 0) return notApplicable('/etc/passwd names no account');
    const people = list.filter(({ isHuman, hasLoginShell }) => isHuman && hasLoginShell);
    const users = people.filter((account) => !isDelivered(account, system));
    const ofHomes = orphanedHomes.map((home) => {
      const files = partition(orphanedKeys).read.filter(({ path }) => path.startsWith(`${home.path}/`));
      const keys = files.flatMap((file) => file.keys);
      const what = keys.length > 0 ? 'a home with authorized SSH keys' : 'a home';
      return finding(`${what} is left that belongs to no account`, [home, ...keys], { severity: 'warning' });
    });
    const unseen = partition([
      ...people.map(({ password }) => password),
      ...people.flatMap((user) => user.authorizedKeys),
    ]);
    return judge([...users.map(judgeAccount), ...ofHomes], [], [...new Set([...unread, ...unseen.unread])]);
  },
});
