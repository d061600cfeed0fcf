import { defineFact } from '../engine/define.ts';
import { compareVersions } from '../formats/version-order.ts';
import { cloudInit } from './cloud-init.ts';
import { firstBoot } from './first-boot.ts';

/** How much the first boot of a generalized image needs Azure's provisioning DVD, a UDF disc in a virtual drive. */
export interface ProvisioningDvd {
  /**
   * `required`: nothing works without it. `data`: user, keys and name come over the network as well, the password and
   * custom data do not. `settings`: it holds only what most VMs do not have. `unused`: nobody provisions.
   */
  readonly need: 'required' | 'data' | 'settings' | 'unused';
  /** Who reads it, for a sentence: `waagent`, `cloud-init 20.4`. */
  readonly reader: string;
}

/** From here on cloud-init does without a disc that it cannot mount. */
const DVD_OPTIONAL = '21.2';

export const provisioningDvd = defineFact<ProvisioningDvd>({
  id: 'provisioning-dvd',
  description: 'Who reads the provisioning DVD on first boot and what is lost without it.',
  reads: firstBoot.reads,
  async compute(context) {
    const { chosen } = await context.get(firstBoot);
    if (chosen === 'cloud-init') {
      const { version } = await context.get(cloudInit);
      const isOptional = version !== undefined && compareVersions(version.text, DVD_OPTIONAL) >= 0;
      return { need: isOptional ? 'data' : 'required', reader: version ? `cloud-init ${version.text}` : 'cloud-init' };
    }
    if (chosen === 'waagent') return { need: 'required', reader: chosen };
    if (chosen === 'azure-init') return { need: 'data', reader: chosen };
    return { need: chosen === 'ignition' ? 'settings' : 'unused', reader: chosen };
  },
});
