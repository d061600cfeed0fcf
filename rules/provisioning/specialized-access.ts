import {
  accounts,
  defineRule,
  type FindingDraft,
  finding,
  firstBoot,
  hostname,
  judge,
  notApplicable,
  signsOfUse,
  sshServer,
  unknownBy,
  waysToLogIn,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/specialized-access',
  title: 'A specialized image brings an account, host keys and a host name',
  severity: 'warning',
  rationale: 'No provisioner adds them on the first boot, so nobody can log in to a VM made from the image.',
  remediation: 'Keep an administrator with a password or a key, and the ssh host keys; do not deprovision.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['prov-specialized-still-meets-prerequisites'],
  lisa: [],
  needs: ['rootfs', 'options'],
  appliesTo: { imageTypes: ['specialized'] },
  facts: { accounts, sshServer, hostname, signsOfUse, firstBoot },
  check({ accounts: everybody, sshServer: server, hostname: name, signsOfUse: used, firstBoot: boot }) {
    const { signs, unseen, someoneCanLogIn } = used;
    const isBare = signs.every(({ kind }) => kind === 'host-name' || kind === 'dhcp-leases') && !someoneCanLogIn;
    if (isBare) {
      const gap = unknownBy(unseen.map(({ reason }) => reason));
      return gap ?? notApplicable('provisioning/image-type judges an image without any sign of use');
    }
    const logins = everybody.accounts.map(waysToLogIn);
    const ways = logins.flatMap((login) => login.ways);
    const unread = ways.length > 0 ? [] : [...everybody.unread, ...logins.flatMap((login) => login.unread)];
    const key = server.hostKeys.find(({ isPublic }) => !isPublic);
    const generator = server.keyGenerators.find(({ startsAtBoot }) => startsAtBoot);
    const cloudInitRuns = boot.candidates.some(({ provisioner, works }) => provisioner === 'cloud-init' && works);
    const findings: FindingDraft[] = [];
    if (ways.length === 0 && unread.length === 0) {
      findings.push(
        finding('no account has a password or an authorized key, so nobody can log in', { path: '/etc/passwd' }),
      );
    }
    if (server.installed && !key && !generator && !cloudInitRuns) {
      findings.push(finding('there is no ssh host key and nothing makes one at boot', { path: '/etc/ssh' }));
    }
    if (!name.specific && name.unread.length === 0) {
      const [first] = name.settings;
      const message = `the host name is ${first ? `only ${first.name}` : 'not set'}, so nothing tells the machine from others`;
      findings.push(finding(message, first?.evidence ?? { path: '/etc/hostname' }, { severity: 'info' }));
    }
    const keys = key ? [{ path: key.path }] : generator ? [generator.evidence] : [];
    return judge(findings, [...ways.slice(0, 1), ...keys], [...unread, ...name.unread]);
  },
});
