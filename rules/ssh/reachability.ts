import {
  cloudInit,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
  type SshServer,
  sshServer,
  sshStart,
} from '../../src/rule-api.ts';

/** A pattern of sshd_config that any name meets. */
const matchesAll = (pattern: string): boolean => /^\*+(?:@\*)?$/.test(pattern);
const isPort22 = (address: string): boolean => /^(?:(?:.*[:\]])?22)$/.test(address);
/** The wildcard addresses, with or without a port. */
const isEverywhere = (address: string): boolean => /^(?:\*|0\.0\.0\.0|::|\[::\]|any)(?::\d+)?$/i.test(address);

/** Groups of the administrator whom cloud-init makes. */
function isAdministrators(group: string, groups: unknown): boolean {
  const own = Array.isArray(groups) ? groups : typeof groups === 'string' ? groups.split(/[,\s]+/) : [];
  return own.includes(group);
}

function lockedOut({ configuration }: SshServer, groups: unknown): readonly FindingDraft[] {
  const judged = (['AllowUsers', 'AllowGroups', 'DenyUsers', 'DenyGroups'] as const).flatMap((keyword) => {
    const settings = configuration.all(keyword);
    const patterns = settings.flatMap(({ args }) => args);
    const [first] = settings;
    if (!first) return [];
    const names = keyword.endsWith('Groups');
    const meets = patterns.some((pattern) => matchesAll(pattern) || (names && isAdministrators(pattern, groups)));
    if (meets === keyword.startsWith('Allow')) return [];
    const how = keyword.startsWith('Allow') ? 'leaves a new administrator out' : 'shuts a new administrator out';
    return [finding(`${keyword} ${patterns.join(' ')} ${how}`, first.evidence, { restsOnAbsence: names })];
  });
  return judged;
}

export default defineRule({
  id: 'ssh/reachability',
  title: 'sshd listens on port 22 and admits a new administrator',
  severity: 'warning',
  rationale: 'Certification makes a VM with a user of its own and connects to port 22; it fails when that is refused.',
  remediation: 'Take Port, ListenAddress and the lists of users and groups out of the configuration of the image.',
  fix: ["sed -i -E '/^(Port|ListenAddress|AllowUsers|AllowGroups)\\b/d' /etc/ssh/sshd_config"],
  references: [
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-image-test',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['ssh-port-and-access'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { sshServer, sshStart, cloudInit },
  check({ sshServer: server, sshStart: { startedBy }, cloudInit: { config } }) {
    if (!server.installed) return notApplicable('no sshd is installed, which ssh/server reports');
    const findings: FindingDraft[] = [];
    const ports = server.configuration.all('Port');
    const addresses = server.configuration.all('ListenAddress');
    const sockets = startedBy?.kind === 'socket' ? startedBy.listen : [];
    const [port] = ports;
    const [address] = addresses;
    const [socket] = sockets;
    // With a socket unit systemd listens, and the lines of sshd_config do not count.
    if (socket) {
      if (!sockets.some(({ value }) => isPort22(value)))
        findings.push(
          finding(`${startedBy?.unit} listens on ${socket.value}, where port 22 is wanted`, socket.evidence),
        );
    } else {
      if (port && !ports.some(({ value }) => value === '22'))
        findings.push(
          finding(`sshd listens on port ${ports.map(({ value }) => value).join(', ')} instead of 22`, port.evidence),
        );
      if (address && !addresses.some(({ args }) => isEverywhere(args[0] ?? '')))
        findings.push(
          finding(`sshd listens on ${address.value} only, an address that a new VM does not have`, address.evidence),
        );
    }
    const admission = lockedOut(server, config.get('system_info', 'default_user', 'groups'));
    findings.push(...admission);
    return judge(
      findings,
      [{ path: server.configuration.path ?? '/etc/ssh/sshd_config' }],
      [...server.configuration.unread, ...(admission.length > 0 ? config.unread : [])],
    );
  },
});
