import {
  agent,
  defineRule,
  executables,
  finding,
  firstBoot,
  installPackages,
  isCouldNotRead,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

/** Without these no administrator comes out of the first boot. */
const vital: readonly (readonly string[])[] = [['useradd', 'adduser'], ['chpasswd'], ['ssh-keygen'], ['mount']];
/** One of each is enough. */
const useful: readonly (readonly string[])[] = [
  ['userdel', 'deluser'],
  ['usermod'],
  ['sudo'],
  ['ip'],
  ['sed'],
  ['grep'],
  ['sfdisk', 'parted', 'fdisk'],
];

export default defineRule({
  id: 'agent/tools',
  title: 'The programs that the provisioners call are installed',
  severity: 'warning',
  rationale:
    'The first boot stops half-way when a program is missing that makes the user, the host keys or the disks of the VM.',
  remediation: 'Install the packages that bring the programs.',
  fix: installPackages({
    rhel: 'shadow-utils openssh sudo iproute util-linux parted e2fsprogs',
    debian: 'passwd openssh-client sudo iproute2 util-linux parted e2fsprogs',
    suse: 'shadow openssh sudo iproute2 util-linux parted e2fsprogs',
    azurelinux: 'shadow-utils openssh sudo iproute util-linux parted e2fsprogs',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
  ],
  covers: ['agent-utilities'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, executables, firstBoot },
  check(
    { agent: { installed, inSystemExtension, configuration }, executables: programs, firstBoot: { chosen } },
    { imageType },
  ) {
    if (chosen !== 'cloud-init' && chosen !== 'waagent')
      return notApplicable(`neither cloud-init nor waagent provisions but ${chosen}`);
    if (inSystemExtension) return notApplicable('a system extension brings the agent with what it needs');
    const setsFirewall =
      installed &&
      !isCouldNotRead(configuration) &&
      !('defect' in configuration) &&
      configuration.switch('OS.EnableFirewall').value;
    const missing = (group: readonly string[]) => !programs.find(...group);
    const lost = vital.filter(missing).map(([name = '']) => name);
    const inconvenient = [...useful, ...(setsFirewall ? [['iptables', 'nft']] : [])]
      .filter(missing)
      .map((names) => names.join(' or '));
    const severity = imageType === 'generalized' ? 'warning' : 'info';
    const findings = lost.map((name) =>
      finding(`${name} is not in the image, though provisioning needs it`, [], { severity, subject: name }),
    );
    if (inconvenient.length > 0) {
      const message = `programs that ${installed ? 'the agent calls' : 'provisioning calls'} are not in the image: ${inconvenient.join(', ')}`;
      findings.push(finding(message, [], { severity: 'info', subject: 'others' }));
    }
    return judge(findings);
  },
});
