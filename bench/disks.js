// Disks of 30 GiB as fixed VHD with a real Debian root on them, as test/real/build-debian-disk.sh lays them out.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { bin, MiB } from './measure.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const real = join(root, 'test', 'real');
const layouts = { ext4: 'ext4', 'xfs-lvm': 'XFS on LVM', btrfs: 'btrfs with zstd' };

/** Rules for which an initramfs is opened, where the kernel has the drivers in question as modules. */
const openers = [
  'boot/initramfs-network-drivers',
  'boot/initramfs-storage-drivers',
  'kernel/hyperv-drivers-allowed',
  'kernel/vfat-allowed',
  'storage/nvme-initramfs-drivers',
];

function run(program, args) {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `status ${status}`}`);
  return stdout.trim();
}

/** The images that are there, by layout; `build` makes those that are missing or outdated, for which it needs root. */
export function diskImages(build) {
  const folder = join(run('bash', [join(root, 'scripts', 'cache-folder.sh')]), 'debian-disks');
  return Object.keys(layouts).flatMap((layout) => {
    const vhd = join(folder, `bench-${layout}.vhd`);
    if (build) buildImage(layout, vhd);
    return existsSync(vhd) ? [{ layout, vhd, raw: vhd.replace(/vhd$/, 'raw') }] : [];
  });
}

function buildImage(layout, vhd) {
  const debian = run('bash', [join(real, 'build-debian-root.sh')]);
  const raw = run('bash', [join(real, 'build-debian-disk.sh'), layout, debian, `bench-${layout}`, '30G']);
  if (existsSync(vhd) && statSync(vhd).mtimeMs >= statSync(raw).mtimeMs) return;
  process.stderr.write(`converting ${vhd}\n`);
  run('qemu-img', ['convert', '-f', 'raw', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on', raw, vhd]);
}

/** Scans of the images with and without what has to be unpacked for them, with their budgets. */
export function diskSubjects(images) {
  return images.flatMap(({ layout, vhd }) => {
    const scan = [bin, '--no-config', vhd];
    return [
      {
        name: `VHD of 30 GiB, ${layouts[layout]}, initramfs left closed`,
        argv: [...scan, ...openers.flatMap((rule) => ['--skip', rule])],
        budget: layout === 'btrfs' ? 4 : 3,
        scan: { bytes: 8 * MiB, memory: 120 * MiB },
      },
      {
        name: `VHD of 30 GiB, ${layouts[layout]}, all rules`,
        argv: scan,
        budget: 8,
        scan: { bytes: 64 * MiB, memory: 200 * MiB },
      },
    ];
  });
}
