import {
  accounts,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/root-password',
  title: 'root has no usable password',
  severity: 'error',
  rationale: 'Every VM made from the image has the same root password, known to whoever built the image.',
  remediation: 'Lock the password of root; a VM is administered by the account that it is created with.',
  fix: ["usermod -p '!*' root"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['gen-root-password-removed'],
  lisa: ['azure_image_standard.verify_no_pre_exist_users'],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { accounts },
  check({ accounts: { byName } }, { profiles }) {
    const root = byName.get('root');
    if (!root) return notApplicable('there is no account root');
    const { password } = root;
    if (isCouldNotRead(password)) return unknown(password.message);
    const { state, evidence } = password;
    if (state === 'usable') return fail(finding('root has a usable password', evidence));
    if (state === 'empty') {
      const severity = profiles.includes('marketplace') ? 'error' : 'warning';
      return fail(finding('root logs in without a password', evidence, { severity }));
    }
    if (state === 'invalid') {
      const message = 'the password field of root holds text that locks nothing and is no hash, where ! or * is wanted';
      return fail(finding(message, evidence, { severity: 'info' }));
    }
    return pass(evidence);
  },
});
