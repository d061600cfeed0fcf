import type { Evidence } from '../../engine/model.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { SshKeyGenerator } from '../ssh-server.ts';
import type { UnitFiles, UnitSetting } from '../unit-files.ts';

/** The server itself under the names that distributions give it, started as a service or by a socket. */
const serverUnits = ['sshd.service', 'ssh.service', 'sshd.socket', 'ssh.socket', 'sshd-unix-local.socket'];

const keyTypes: readonly string[] = ['rsa', 'ecdsa', 'ed25519'];
const generatorName = /ssh.*key.*gen|ssh.*gen.*key|regenerate.*ssh|ssh.*host.*key/i;
/** Programs that make all missing keys: ssh-keygen -A, and the scripts of Red Hat and SUSE around ssh-keygen. */
const generatorCommand =
  /ssh-keygen\b.*\s-A\b|ssh-keygen-host|sshd-keygen|sshd-gen-keys-start|ssh-host-keys?-gen|sshdgenkeys/;

/**
 * Units that make missing host keys at boot. sshd pulls them in through `Wants=` of its own unit, often by way of
 * sshd-keygen.target, or they are enabled themselves, or its own unit runs the program before the server.
 */
export function findKeyGenerators(rootFs: RootFs, units: UnitFiles): readonly SshKeyGenerator[] {
  const pulled = pulledIn(units);
  const named = units.names.filter((name) => generatorName.test(name));
  // A template runs only as one of its instances.
  const instances = named
    .filter((name) => name.includes('@.'))
    .flatMap((template) => keyTypes.map((type) => template.replace('@.', `@${type}.`)))
    .filter((name) => units.state(name).startsAtBoot);
  const plain = named.filter((name) => !name.includes('@.'));
  const generators = [...new Set([...plain, ...instances, ...pulled])].toSorted().flatMap((unit): SshKeyGenerator[] => {
    const settings = units.settings(unit);
    const command = settings.find(({ key, value }) => key.startsWith('ExecStart') && makesKeys(unit, value));
    if (!command) return [];
    const startsAtBoot = pulled.has(unit) || units.state(unit).startsAtBoot;
    return [{ unit, startsAtBoot, disabledByCloudInit: settings.some(waitsForCloudInit), evidence: command.evidence }];
  });
  return [...generators, ...initScripts(rootFs, units)];
}

/** Everything that an enabled SSH server wants, directly or through a target. */
function pulledIn(units: UnitFiles): ReadonlySet<string> {
  const queue = serverUnits.filter((name) => units.state(name).startsAtBoot);
  const reached = new Set(queue);
  for (const name of queue) {
    const wanted = units
      .settings(name)
      .filter(({ section, key }) => section === 'Unit' && /^(?:Wants|Requires|BindsTo|Upholds)$/.test(key))
      .flatMap(({ value }) => value.split(/\s+/));
    // A socket starts the service of its own name, or the template when each connection gets its own.
    const served = name.endsWith('.socket')
      ? [name.replace('.socket', '.service'), name.replace('.socket', '@.service')]
      : [];
    for (const next of [...wanted, ...served]) {
      if (next === '' || reached.has(next) || !/ssh/i.test(next)) continue;
      reached.add(next);
      queue.push(next);
    }
  }
  return reached;
}

/** A unit named after the task may run any program; the server's own unit must name the program. */
function makesKeys(unit: string, command: string): boolean {
  return generatorCommand.test(command) || (generatorName.test(unit) && /key|ssh/i.test(command));
}

function waitsForCloudInit({ key, value }: UnitSetting): boolean {
  return key.startsWith('Condition') && /^\|?!/.test(value) && value.includes('cloud-init');
}

/** Init scripts of SysV and OpenRC make missing keys before they start sshd. */
function initScripts(rootFs: RootFs, units: UnitFiles): readonly SshKeyGenerator[] {
  if (units.names.some((name) => serverUnits.includes(name))) return [];
  return ['/etc/init.d/sshd', '/etc/init.d/ssh', '/etc/rc.d/sshd', '/etc/rc.d/init.d/sshd'].flatMap((path) => {
    const text = rootFs.readText(path);
    const line = text?.split('\n').findIndex((row) => /ssh-keygen/.test(row) && !/^\s*#/.test(row)) ?? -1;
    if (line < 0) return [];
    const unit = path.slice(path.lastIndexOf('/') + 1);
    const evidence: Evidence = { path, line: line + 1, text: text?.split('\n')[line]?.trim() ?? '' };
    const startsAtBoot = units.state(`${unit}.service`).startsAtBoot;
    return [{ unit, startsAtBoot, disabledByCloudInit: false, evidence }];
  });
}
