import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { agent } from './agent.ts';
import { cloudInit } from './cloud-init.ts';
import { cloudInitModules } from './cloud-init-modules.ts';
import { startsAfter } from './unit-files/start-order.ts';
import { unitFiles } from './unit-files.ts';

/** Who comes first to the temporary disk on the first boot, where both the agent and cloud-init would set it up. */
export interface TemporaryDiskOrder {
  /** `ResourceDisk.Format` is y, and the agent's service starts. */
  readonly agentFormats: boolean;
  /** The stage in which cloud-init partitions and mounts the disk; undefined when it runs no module for it. */
  readonly stage?: { readonly unit: string; readonly list: string; readonly evidence?: Evidence };
  /** The agent starts when that stage is done, and finds the disk mounted. */
  readonly agentWaits: boolean;
}

/** Units of the stages, newest names first. */
const stages = {
  cloud_init_modules: ['cloud-init-network.service', 'cloud-init.service'],
  cloud_config_modules: ['cloud-config.service'],
  cloud_final_modules: ['cloud-final.service'],
} as const;

/** Order of the agent and of cloud-init's disk set-up: azurelinuxagent/daemon/main.py takes the disk before it provisions. */
export const temporaryDiskOrder = defineFact<TemporaryDiskOrder>({
  id: 'temporary-disk-order',
  description: 'Whether the agent waits for the stage in which cloud-init sets the temporary disk up.',
  reads: ['/etc/waagent.conf', '/etc/cloud/cloud.cfg', '/usr/lib/systemd/system/{cloud-*,w*agent}.service'],
  async compute(context) {
    const { configuration, service } = await context.get(agent);
    const { installed } = await context.get(cloudInit);
    const { lists } = await context.get(cloudInitModules);
    const units = await context.get(unitFiles);
    const isOn = 'switch' in configuration && configuration.switch('ResourceDisk.Format').value;
    const last = lists.findLast(({ names }) => names.includes('disk_setup') || names.includes('mounts'));
    const unit = last && stages[last.key].find((name) => units.state(name).startsAtBoot);
    return {
      agentFormats: isOn && service.startsAtBoot,
      ...(installed &&
        last &&
        unit && { stage: { unit, list: last.key, ...(last.origin && { evidence: last.origin }) } }),
      agentWaits: unit !== undefined && startsAfter(units, service.name, unit),
    };
  },
});
