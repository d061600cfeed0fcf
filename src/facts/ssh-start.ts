import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { unmetCondition } from './unit-files/conditions.ts';
import { type UnitFiles, type UnitState, unitFiles } from './unit-files.ts';

export interface SshStart {
  /** How the boot starts sshd; undefined when nothing does. */
  readonly startedBy?: {
    readonly unit: string;
    readonly kind: 'service' | 'socket' | 'wanted';
    readonly evidence: readonly Evidence[];
    /** Ports or addresses of the socket. */
    readonly listen: readonly { readonly value: string; readonly evidence: Evidence }[];
  };
  /** Units of the server that the image has, with the state of each. */
  readonly units: readonly UnitState[];
  /** A condition of the unit that this image does not meet, so that systemd skips it. */
  readonly skippedFor?: Evidence;
}

const services = ['ssh.service', 'sshd.service'];
const sockets = ['ssh.socket', 'sshd.socket'];
/** Units that want sshd without being part of it. */
const wanting = ['waagent.service', 'walinuxagent.service'];

/** What starts the SSH server at boot. sshd-unix-local.socket and sshd-vsock.socket serve no network. */
export const sshStart = defineFact<SshStart>({
  id: 'ssh-start',
  description: 'The service, socket or init script that starts sshd at boot.',
  reads: ['/{etc,run,usr/lib,lib}/systemd/system/{ssh,sshd}.{service,socket}', '/etc/rc*.d/S*sshd'],
  async compute(context) {
    const units = await context.get(unitFiles);
    const present = [...services, ...sockets]
      .map((name) => units.state(name))
      .filter(({ state, startsAtBoot }) => state !== 'absent' || startsAtBoot);
    return { ...startOf(context.rootFs, units, present), units: present };
  },
});

function startOf(rootFs: RootFs, units: UnitFiles, present: readonly UnitState[]): Omit<SshStart, 'units'> {
  const starting = present.find(({ startsAtBoot, name }) => startsAtBoot && serves(units, name));
  if (starting) {
    const settings = units.settings(starting.name);
    const skippedFor = unmetCondition(rootFs, settings)?.evidence;
    if (skippedFor) return { skippedFor };
    const listen = settings
      .filter(({ section, key }) => section === 'Socket' && key === 'ListenStream')
      .map(({ value, evidence }) => ({ value, evidence }));
    const kind = starting.name.endsWith('.socket') ? 'socket' : 'service';
    return { startedBy: { unit: starting.name, kind, evidence: starting.evidence, listen } };
  }
  for (const name of wanting) {
    if (!units.state(name).startsAtBoot) continue;
    const wants = units
      .settings(name)
      .find(
        ({ section, key, value }) =>
          section === 'Unit' &&
          /^(?:Wants|Requires)$/.test(key) &&
          value.split(/\s+/).some((unit) => isUsable(present, unit)),
      );
    if (wants) return { startedBy: { unit: name, kind: 'wanted', evidence: [wants.evidence], listen: [] } };
  }
  return {};
}

/** A socket is of no use while the service that it starts is masked. */
function serves(units: UnitFiles, name: string): boolean {
  if (!name.endsWith('.socket')) return true;
  const stem = name.slice(0, -'.socket'.length);
  return [`${stem}.service`, `${stem}@.service`].some((service) => {
    const { state } = units.state(service);
    return state !== 'absent' && !state.startsWith('masked');
  });
}

function isUsable(present: readonly UnitState[], name: string): boolean {
  return services.includes(name) && present.some((unit) => unit.name === name && !unit.state.startsWith('masked'));
}
