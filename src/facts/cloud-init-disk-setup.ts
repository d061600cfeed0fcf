import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfigValue, cloudInit } from './cloud-init.ts';

/** Something in `disk_setup`, `fs_setup` or `mounts` that has another effect than it seems. */
export interface DiskSetupDefect {
  readonly kind: 'misplaced' | 'no-definition' | 'table-type' | 'swap-not-made' | 'swap-not-used';
  readonly key: string;
  readonly evidence: readonly Evidence[];
}

export interface CloudInitDiskSetup {
  /** The configuration sets any of the keys. */
  readonly isConfigured: boolean;
  readonly defects: readonly DiskSetupDefect[];
  readonly evidence: readonly Evidence[];
}

/** Keys of a definition in `disk_setup`, which mean nothing elsewhere, unless a disk happens to be called so. */
const definitionKeys = ['table_type', 'layout', 'overwrite'];
const swapPartitionType = 82;

/** How cc_disk_setup.py and cc_mounts.py of cloud-init take the disks that the image's configuration describes. */
export const cloudInitDiskSetup = defineFact<CloudInitDiskSetup>({
  id: 'cloud-init-disk-setup',
  description: 'Partitions, file systems and swap that cloud-init is told to make, and what of it is lost.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg'],
  async compute(context) {
    const { config } = await context.get(cloudInit);
    const at = (...path: readonly string[]): readonly Evidence[] => {
      const origin = config.origin(...path);
      return origin ? [origin] : [];
    };
    const defects: DiskSetupDefect[] = [];
    for (const key of ['ephemeral0', ...definitionKeys]) {
      if (config.get(key) !== undefined) defects.push({ kind: 'misplaced', key, evidence: at(key) });
    }
    const setup = config.get('disk_setup');
    const definitions = isMapping(setup) ? Object.entries(setup) : [];
    for (const [key, definition] of definitions) {
      const evidence = at('disk_setup', key);
      if (definitionKeys.includes(key) && !isMapping(definition))
        defects.push({ kind: 'misplaced', key: `disk_setup.${key}`, evidence });
      else if (!isMapping(definition)) defects.push({ kind: 'no-definition', key, evidence });
      else if (!isTableType(definition['table_type'])) defects.push({ kind: 'table-type', key, evidence });
    }
    const swaps = swapFileSystems(config.get('fs_setup'));
    const disksWithSwap = definitions.filter(([, value]) => isMapping(value) && hasSwapPartition(value['layout']));
    for (const [key] of disksWithSwap) {
      if (!swaps.some((device) => device.startsWith(key))) {
        defects.push({ kind: 'swap-not-made', key, evidence: at('disk_setup', key) });
      }
    }
    const mounted = mountedDevices(config.get('mounts'));
    for (const device of swaps) {
      if (!mounted.includes(device)) defects.push({ kind: 'swap-not-used', key: device, evidence: at('fs_setup') });
    }
    const evidence = [...at('disk_setup'), ...at('fs_setup')];
    return { isConfigured: evidence.length > 0 || defects.length > 0, defects, evidence };
  },
});

/** `mkpart`: left out it is mbr; anything but the two names ends in an exception. */
function isTableType(value: CloudConfigValue | undefined): boolean {
  return value === undefined || value === 'gpt' || value === 'mbr';
}

function hasSwapPartition(layout: CloudConfigValue | undefined): boolean {
  return isList(layout) && layout.some((part) => isList(part) && (part[1] === swapPartitionType || part[1] === '82'));
}

function swapFileSystems(setup: CloudConfigValue | undefined): readonly string[] {
  return (isList(setup) ? setup : []).flatMap((definition) => {
    if (!isMapping(definition) || definition['filesystem'] !== 'swap') return [];
    const { device, partition } = definition;
    if (typeof device !== 'string') return [];
    const number = typeof partition === 'number' ? `.${partition}` : '';
    return [/\.\d+$/.test(device) ? device : `${device}${number}`];
  });
}

function mountedDevices(mounts: CloudConfigValue | undefined): readonly string[] {
  return (isList(mounts) ? mounts : []).flatMap((entry) => {
    const [device] = isList(entry) ? entry : [];
    return typeof device === 'string' ? [device.replace(/^\/dev\/(?=ephemeral)/, '')] : [];
  });
}
