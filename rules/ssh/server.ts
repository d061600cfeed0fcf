import {
  compareVersions,
  defineRule,
  fail,
  finding,
  installPackages,
  isCouldNotRead,
  packages,
  pass,
  sshServer,
  unknown,
} from '../../src/rule-api.ts';

const oldest = '5.3';

export default defineRule({
  id: 'ssh/server',
  title: 'An OpenSSH server is installed',
  severity: 'error',
  rationale:
    'Without sshd nobody can log in over the network after the first boot, and the step of the agent that prepares it fails.',
  remediation: 'Install the OpenSSH server of the distribution, version 5.3 or later.',
  fix: installPackages({
    rhel: 'openssh-server',
    debian: 'openssh-server',
    suse: 'openssh',
    azurelinux: 'openssh-server',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
  ],
  covers: ['ssh-server-installed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sshServer, packages },
  check({ sshServer: server, packages: installed }) {
    if (!server.executable) {
      return fail(finding('no sshd is in the image, so nobody can log in over SSH', { path: '/usr/sbin/sshd' }));
    }
    // The program is what counts: without a package database its version stays unknown.
    const found = installed.state === 'read' ? installed.find('openssh-server', 'openssh') : undefined;
    if (found && compareVersions(found.version, oldest) < 0) {
      const message = `OpenSSH is version ${found.version}, older than the ${oldest} that the agent wants`;
      return fail(finding(message, found.evidence, { severity: 'warning' }));
    }
    if (isCouldNotRead(installed.state)) return unknown(installed.state.message);
    return pass([server.executable, ...(found ? [found.evidence] : [])]);
  },
});
