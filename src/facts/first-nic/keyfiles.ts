import { type Keyfile, parseKeyfile, readConnectionProfile } from '../../formats/network-manager-keyfile.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { NetworkStack } from '../network-services.ts';
import { filesByName } from './files.ts';
import { type Addressing, type Device, fitOf, matchesGlob, type NicFit, type NicProfile, placeProfile } from './nic.ts';

const directories = ['/etc', '/run', '/usr/lib', '/lib'].map((parent) => `${parent}/NetworkManager/system-connections`);

/** Profiles of wired connections in key files, and those that NetworkManager refuses for their owner or mode. */
export function readKeyfiles(
  rootFs: RootFs,
  readBy: readonly NetworkStack[],
  nic: Device,
): readonly (NicProfile | CouldNotRead)[] {
  // Outside of /etc the suffix is required (nms-keyfile-utils.c `should_ignore_file`).
  const isWanted = (name: string, directory: string) =>
    name.endsWith('.nmconnection') || (directory.startsWith('/etc/') && !/^\.|~$|\.(?:pem|der)$/.test(name));
  return filesByName(rootFs, directories, isWanted).flatMap((file): (NicProfile | CouldNotRead)[] => {
    if (isCouldNotRead(file)) return [file];
    const keyfile = parseKeyfile(file.text);
    const profile = readConnectionProfile(keyfile);
    if (profile === undefined) return [];
    const refused = attempt(() => isRefused(rootFs, file.path));
    if (isCouldNotRead(refused)) return [refused];
    const idle = refused ? { value: refused, line: 1 } : idleBy(keyfile);
    const described = {
      tool: 'NetworkManager',
      fit: narrowedFit(keyfile, fitOf({ ...profile, names: exactly(profile.names) }, nic), nic),
      addressing: addressingOf(keyfile),
      // A refused profile is as good as none, so that the automatic connection takes its place.
      readBy: refused ? [] : readBy,
      ...(idle && { idle }),
    } as const;
    return [placeProfile(file.path, file.text, profile, described)];
  });
}

/** `interface-name` is a name and no pattern. */
function exactly<T extends { readonly value: string }>(names: readonly T[]): readonly T[] {
  return names.map((name) => ({ ...name, value: name.value.replace(/[*?[\]\\]/g, '\\$&') }));
}

function narrowedFit(keyfile: Keyfile, byProfile: NicFit, { name }: Device): NicFit {
  const patterns = keyfile.get('match', 'interface-name')?.value.split(';') ?? [];
  const wanted = patterns.map((pattern) => pattern.replace(/^[|&]/, '')).filter((pattern) => pattern !== '');
  const isNamed = wanted.length === 0 || wanted.some((pattern) => matchesGlob(pattern, name));
  if (!isNamed) return 'other-interface';
  const undecidable = ['path', 'kernel-command-line'].some((key) => keyfile.get('match', key) !== undefined);
  return byProfile === 'first-nic' && undecidable ? 'undecided' : byProfile;
}

function idleBy(keyfile: Keyfile): { value: string; line: number } | undefined {
  const autoconnect = keyfile.get('connection', 'autoconnect');
  const isOff = autoconnect !== undefined && /^(?:false|no|0|off)$/i.test(autoconnect.value);
  return isOff ? { value: `autoconnect=${autoconnect.value}`, line: autoconnect.line } : undefined;
}

/** Without a method, a profile with addresses is manual and one without is automatic. */
function addressingOf(keyfile: Keyfile): Addressing {
  const method = keyfile.get('ipv4', 'method')?.value;
  if (method === undefined || method === 'auto') return 'dhcp';
  return method === 'manual' ? 'static' : 'none';
}

/** nms-keyfile-utils.c `check_file_permissions`: root's own, and for nobody else. */
function isRefused(rootFs: RootFs, path: string): string | undefined {
  const status = rootFs.stat(path);
  if (status === undefined || !rootFs.ownersRecorded) return undefined;
  if (status.uid !== 0) return `owner ${status.uid}`;
  return (status.mode & 0o077) === 0 ? undefined : `mode ${status.mode.toString(8).padStart(4, '0')}`;
}
