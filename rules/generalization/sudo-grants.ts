import { accounts, defineRule, finding, judge, notApplicable, type SudoGrant } from '../../src/rule-api.ts';

/** Files that a provisioner writes for the administrator of one VM. */
const provisionerFile = /\/(?:90-cloud-init-users|waagent)$/;

/** A name as opposed to a group, a number, a netgroup, or everybody. */
function isName({ subject }: SudoGrant): boolean {
  return /^[^%#+]/.test(subject) && subject !== 'ALL';
}

export default defineRule({
  id: 'generalization/sudo-grants',
  title: 'sudo rights written for users of the source VM are gone',
  severity: 'warning',
  rationale:
    'On every clone a user of that name has root rights without a password; neither cloud-init clean nor waagent -deprovision removes both files.',
  remediation: 'Delete the files; the provisioner writes them again for the administrator of each VM.',
  fix: ['rm -f /etc/sudoers.d/90-cloud-init-users /etc/sudoers.d/waagent'],
  references: [
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/clean.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['gen-provisioning-sudoers-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { accounts },
  check({ accounts: { accounts: list, byName, sudoGrants, unreadFor } }) {
    if (list.length === 0) return notApplicable('/etc/passwd names no account');
    const findings = sudoGrants.flatMap((grant) => {
      const { subject, passwordless, evidence } = grant;
      const account = byName.get(subject);
      // The rights of an account of a person are part of what generalization/build-users reports of it.
      if (account?.isHuman && account.hasLoginShell) return [];
      const how = passwordless ? 'sudo without a password' : 'sudo';
      if (provisionerFile.test(evidence.path)) {
        return [finding(`${subject}, a user of the source VM, keeps ${how}`, evidence, { subject })];
      }
      if (account || !isName(grant) || !passwordless || !evidence.path.includes('/sudoers.d/')) return [];
      return [finding(`${subject} has ${how}, but is no account of the image`, evidence, { subject })];
    });
    return judge(findings, [], unreadFor.sudo);
  },
});
