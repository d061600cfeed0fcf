import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfig, cloudInit } from './cloud-init.ts';
import { mountPlan, type PlannedMount } from './mount-plan.ts';
import { temporaryDisk } from './temporary-disk.ts';

export interface SwapAreas {
  /** Swap that the boot turns on and that is not on the temporary disk, nor in memory. */
  readonly onOsDisk: readonly (PlannedMount & { readonly medium: 'file' | 'partition' })[];
  /** A swap file that cloud-init makes outside the temporary disk. */
  readonly madeByCloudInit?: { readonly path: string; readonly evidence: Evidence };
  /** The setting by which cloud-init makes swap, wherever: `swap`, or a swap file system in `fs_setup`. */
  readonly cloudInitSetting?: Evidence;
  /** Files of cloud-init that may hold that setting. */
  readonly cloudInitUnread: readonly CouldNotRead[];
  /** Files with the signature of a swap area. */
  readonly files: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

/** Where installers and guides put a swap file. */
const usualFiles = [
  '/swapfile',
  '/swap.img',
  '/swap',
  '/swap/swapfile',
  '/var/swap',
  '/var/swapfile',
  '/var/swap.img',
  '/var/swap.1',
  '/mnt/swapfile',
  '/mnt/resource/swapfile',
];

/** The signature ends a page, of which the size depends on the processor. */
const pageSizes = [4096, 16_384, 65_536];
const signature = 'SWAPSPACE2';

/** Swap areas that the image brings: entries of fstab, units, files, and what cloud-init is told to make. */
export const swapAreas = defineFact<SwapAreas>({
  id: 'swap-areas',
  description: 'Swap on the OS disk: entries of fstab, swap units, swap files, and a swap file of cloud-init.',
  reads: ['/etc/fstab', '/{etc,usr/lib}/systemd/system/*.swap', ...usualFiles],
  async compute(context) {
    const { rootFs } = context;
    const plan = await context.get(mountPlan);
    const { mountPoints } = await context.get(temporaryDisk);
    const isTemporary = (path: string) => mountPoints.some(({ path: top }) => path.startsWith(`${top}/`));
    const onOsDisk = plan.mounts.flatMap((mount) => {
      if (!mount.isSwap || !mount.startsAtBoot) return [];
      if (['virtual', 'temporary-disk', 'network'].includes(mount.deviceKind) || isTemporary(mount.device)) return [];
      const medium = mount.deviceKind === 'file' ? ('file' as const) : ('partition' as const);
      return [{ ...mount, medium }];
    });
    const named = onOsDisk.filter(({ medium }) => medium === 'file').map(({ device }) => device);
    const found = [...new Set([...usualFiles, ...named])].map((path) => attempt(() => swapFile(rootFs, path)));
    const { config } = await context.get(cloudInit);
    const made = cloudInitSwap(config.get('swap'));
    const evidence = config.origin('swap');
    const cloudInitSetting = made === undefined ? swapSetup(config) : evidence;
    return {
      onOsDisk,
      ...(made !== undefined && !isTemporary(made) && evidence && { madeByCloudInit: { path: made, evidence } }),
      ...(cloudInitSetting && { cloudInitSetting }),
      files: found.flatMap((file) => (file === undefined || isCouldNotRead(file) ? [] : [file])),
      unread: [...plan.unread, ...found.filter(isCouldNotRead), ...config.unread],
      cloudInitUnread: config.unread,
    };
  },
});

/** `handle_swapcfg` of cc_mounts.py: without a size nothing is made. */
function cloudInitSwap(swap: Parameters<typeof isMapping>[0]): string | undefined {
  if (!isMapping(swap)) return undefined;
  const { filename = '/swap.img', size } = swap;
  return size && typeof filename === 'string' && filename !== '' ? filename : undefined;
}

/** `fs_setup` with a swap file system, as guides advise for ephemeral0. */
function swapSetup(config: CloudConfig): Evidence | undefined {
  const setup = config.get('fs_setup');
  const isSwap = isList(setup) && setup.some((item) => isMapping(item) && item['filesystem'] === 'swap');
  return isSwap ? config.origin('fs_setup') : undefined;
}

function swapFile(rootFs: RootFs, path: string): Evidence | undefined {
  const status = rootFs.stat(path);
  if (status?.type !== 'file') return undefined;
  const isSwap = pageSizes.some((size) => {
    const end = status.size >= size ? rootFs.readBytes(path, size - signature.length, signature.length) : undefined;
    return end !== undefined && String.fromCharCode(...end) === signature;
  });
  return isSwap ? { path, text: `${Math.round(status.size / 2 ** 20)} MiB` } : undefined;
}
