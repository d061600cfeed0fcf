import { parseFstab } from '../formats/fstab.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from './could-not-read.ts';
import type { RootFs } from './root-fs.ts';

/** Types of file systems that hold no file of the image. */
export const transientTypes: ReadonlySet<string> = new Set([
  'tmpfs',
  'ramfs',
  'proc',
  'sysfs',
  'devpts',
  'devtmpfs',
  'swap',
  'cgroup',
  'cgroup2',
  'none',
]);
/** Devices that are not part of an OS disk: the provisioning DVD and Azure's temporary disk. */
const foreign = /^\/dev\/(sr\d|cdrom|fd\d|disk\/cloud\/azure_resource|disk\/azure\/resource)/;

/**
 * Mount points of the image's own fstab whose directory is empty in this root: their volume was not mounted or
 * extracted along. What lies below them is unknown, which is not the same as absent.
 *
 * @param isMountPoint Whether the volume is there, with nothing in it, as a /home where nobody has an account yet.
 */
export function missingVolumes(
  rootFs: RootFs,
  isMountPoint: (path: string) => boolean = () => false,
): ReadonlyMap<string, string> {
  const text = attempt(() => rootFs.readText('/etc/fstab'));
  const missing = new Map<string, string>();
  if (text === undefined || isCouldNotRead(text)) return missing;
  for (const { device, mountPoint, type, options, line } of parseFstab(text).entries) {
    if (!mountPoint.startsWith('/') || mountPoint === '/' || transientTypes.has(type) || foreign.test(device)) continue;
    if (options.includes('noauto') || options.includes('bind')) continue;
    const place = attempt(() => rootFs.realPath(mountPoint));
    if (place === undefined || isCouldNotRead(place)) continue;
    const entries = attempt(() => rootFs.readDir(place));
    if (entries === undefined || isCouldNotRead(entries) || entries.length > 0) continue;
    if (isMountPoint(place)) continue;
    missing.set(place, onMissingVolume(device, line));
  }
  return missing;
}

/** Completes the sentence "<path>: …" for what lies on a volume that was not given. */
export function onMissingVolume(device: string, line: number): string {
  return `lies on ${device}, a separate volume (/etc/fstab:${line}) that is not part of this target`;
}

/** Whether something is unreadable only because its volume is not part of the target. */
export function isMissingVolume({ reason }: Pick<CouldNotRead, 'reason'>): boolean {
  return reason.startsWith('lies on ') && reason.includes('that is not part of this target');
}
