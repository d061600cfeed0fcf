import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { readPresets } from './unit-files/presets.ts';

export interface UnitPresets {
  /** The preset line that enables the unit on a first boot; undefined where only systemd's default would. */
  enabling(name: string): Evidence | undefined;
}

/** What the presets would enable, whether or not the next boot is a first boot on which they run. */
export const unitPresets = defineFact<UnitPresets>({
  id: 'unit-presets',
  description: 'Preset lines that enable a unit on a first boot.',
  reads: ['/{etc,run,usr/local/lib,usr/lib,lib}/systemd/system-preset/*.preset'],
  compute({ rootFs }) {
    const decide = readPresets(rootFs);
    return {
      enabling(name) {
        const { action, evidence } = decide(name);
        return action === 'enable' ? evidence : undefined;
      },
    };
  },
});
