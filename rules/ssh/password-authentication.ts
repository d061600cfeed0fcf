import {
  accounts,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  judge,
  notApplicable,
  pass,
  sshPasswordLogin,
  sshServer,
  waysToLogIn,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'ssh/password-authentication',
  title: 'sshd takes passwords when the deployment says so',
  severity: 'info',
  rationale:
    'Who deploys a VM chooses between a password and a key; a line of the image that wins over that choice shuts out ' +
    'everybody with a password from the first boot on, or leaves passwords on where they should be off.',
  remediation:
    'Leave PasswordAuthentication to the provisioner: keep it out of files that sshd reads before the one that the provisioner writes. For a specialized image set the value you want.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/ssh_util.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
  ],
  covers: ['ssh-password-authentication'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sshServer, sshPasswordLogin, accounts },
  check({ sshServer: server, sshPasswordLogin: login, accounts: { accounts: list, unread } }, { imageType }) {
    if (!server.installed) return notApplicable('no sshd is installed, which ssh/server reports');
    const evidence = login.evidence ?? { path: server.configuration.path ?? '/etc/ssh/sshd_config' };
    if (imageType === 'generalized') {
      if (!login.provisionerFile || !login.overrulesProvisioner) return pass(evidence);
      if (!login.allowed && login.allowedByPam) return pass(evidence);
      const value = login.allowed ? 'yes' : 'no';
      const effect = login.allowed ? 'stay allowed on a VM with keys' : 'are refused on a VM that is deployed with one';
      const message = `PasswordAuthentication ${value} stands before ${login.provisionerFile}, so passwords ${effect}`;
      return fail(finding(message, evidence));
    }
    if (login.allowed || login.allowedByPam) return pass(evidence);
    const keyless = list.find(
      ({ hasLoginShell, password, authorizedKeys, name }) =>
        name !== 'root' &&
        hasLoginShell &&
        !isCouldNotRead(password) &&
        password.state === 'usable' &&
        authorizedKeys.every((file) => !isCouldNotRead(file) && file.keys.length === 0),
    );
    const findings = keyless
      ? [finding(`sshd refuses passwords, and ${keyless.name} has a password and no key`, evidence)]
      : [];
    const own = list.filter(({ name, hasLoginShell }) => name !== 'root' && hasLoginShell);
    return judge(findings, [evidence], [...unread, ...own.flatMap((account) => waysToLogIn(account).unread)]);
  },
});
