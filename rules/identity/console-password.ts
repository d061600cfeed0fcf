import { accounts, defineRule, finding, isCouldNotRead, judge, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'identity/console-password',
  title: 'An account of a specialized image has a password for the serial console',
  severity: 'info',
  rationale: 'When the network of a VM is down, the serial console is the only way in, and it asks for a password.',
  remediation: 'Give one account a password before the capture, or set one per VM with the VMAccess extension.',
  fix: ['passwd ADMINUSER'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-linux',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/vmaccess-linux',
  ],
  covers: ['id-serial-console-needs-password-user'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['specialized'] },
  facts: { accounts },
  check({ accounts: { accounts: list, unreadFor } }) {
    const withPassword = list.find(
      ({ hasLoginShell, password }) => hasLoginShell && !isCouldNotRead(password) && password.state === 'usable',
    );
    if (withPassword && !isCouldNotRead(withPassword.password)) return pass(withPassword.password.evidence);
    const unread = [...unreadFor.passwords, ...list.map(({ password }) => password).filter(isCouldNotRead)];
    const missing = finding('no account has a password, so nobody can log in on the serial console', {
      path: '/etc/shadow',
    });
    return judge(unread.length > 0 ? [] : [missing], [], unread);
  },
});
