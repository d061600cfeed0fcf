// What people use today to look into an image, on the same disk and by the clock of the same machine. None of them
// answers the same question: they show a price, not a result.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { MiB, timed } from './measure.js';

/** Files that a first look by hand goes through. */
const files =
  'etc/os-release etc/fstab etc/waagent.conf etc/cloud/cloud.cfg etc/ssh/sshd_config boot/grub/grub.cfg etc/passwd etc/shadow';
const rootOffset = 128 * MiB;

const isThere = (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;

/** Rows of a table: what, wall time, peak memory of the largest process. */
export function otherPrograms(images) {
  const rows = [];
  for (const { layout, vhd, raw } of images) {
    rows.push(row(`virt-inspector, ${layout}`, 'virt-inspector', ['--no-applications', '-a', vhd]));
    rows.push(
      row(`guestfish, ${files.split(' ').length} files, ${layout}`, 'guestfish', [
        ...['--ro', '--format=vpc', '-a', vhd, '-i'],
        ...files.split(' ').flatMap((file, index) => [...(index > 0 ? [':'] : []), 'cat', `/${file}`]),
      ]),
    );
    if (layout === 'ext4') rows.push(...mounted(raw));
  }
  return rows;
}

/** Over a loop device, as root; LVM would want device-mapper too, which not every machine has. */
function mounted(raw) {
  if (process.getuid?.() !== 0) return [['loop mount and grep, ext4', 'left out: needs root', '']];
  const top = mkdtempSync(join(tmpdir(), 'bench-mount-'));
  const mount = `mount -o ro,noload,loop,offset=${rootOffset} '${raw}' '${top}'`;
  try {
    const look = `${mount} && cd '${top}' && grep -c . ${files}; cd / && umount '${top}'`;
    const rows = [row(`loop mount and grep, ${files.split(' ').length} files, ext4`, 'sh', ['-c', look])];
    const content = newestContent();
    if (content === undefined || !isThere('oscap-chroot'))
      return [...rows, ['oscap-chroot, ext4', 'left out: needs oscap-chroot and ssg-debian', '']];
    const evaluate = `${mount} && oscap-chroot '${top}' xccdf eval --profile standard '${content}'; umount '${top}'`;
    return [...rows, row('oscap-chroot over a loop mount, profile standard, ext4', 'sh', ['-c', evaluate])];
  } finally {
    rmdirSync(top);
  }
}

/** Security content for Debian, of the newest release that the package has. */
function newestContent() {
  const folder = '/usr/share/xml/scap/ssg/content';
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder).filter((name) => /^ssg-debian\d+-ds\.xml$/.test(name));
  const newest = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return newest && join(folder, newest);
}

function row(name, program, args) {
  if (!isThere(program)) return [name, `left out: ${program} is not installed`, ''];
  const withMemory = existsSync('/usr/bin/time');
  const words = withMemory ? ['/usr/bin/time', '--format=peak %M', program, ...args] : [program, ...args];
  const { time, status, stderr } = timed(words[0], words.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 64 * MiB,
    env: { ...process.env, LIBGUESTFS_BACKEND: 'direct' },
  });
  const peak = /peak (\d+)\s*$/.exec(stderr ?? '')?.[1];
  // oscap-chroot ends with 2 when a rule of its profile fails, which is its answer.
  const failed = status !== 0 && status !== 2 ? `, failed: ${lastLine(stderr)}` : '';
  return [name, `${(time / 1000).toFixed(1)} s${failed}`, peak ? `${(Number(peak) / 1024).toFixed(0)} MiB` : ''];
}

function lastLine(text = '') {
  const lines = (text ?? '').split('\n').filter((line) => line !== '' && !/^(?:peak|Command exited)/.test(line));
  return (lines.at(-1) ?? 'it was stopped').replaceAll('|', ' ').slice(0, 120);
}
