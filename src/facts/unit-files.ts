import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** Words of `systemctl is-enabled`, and `absent` for what it calls not-found. */
export type UnitFileState =
  | 'enabled'
  | 'enabled-runtime'
  | 'linked'
  | 'linked-runtime'
  | 'alias'
  | 'masked'
  | 'masked-runtime'
  | 'static'
  | 'indirect'
  | 'disabled'
  | 'generated'
  | 'absent';

/** What the image says about one unit. */
export interface UnitState {
  readonly name: string;
  /** As `systemctl --root=IMAGE is-enabled NAME` prints it. */
  readonly state: UnitFileState;
  /**
   * Whether a boot of this image starts it: a wants, requires or upholds link, an `Upholds=` drop-in, an alias of such a
   * unit, a preset that runs on first boot, an init script of SysV, upstart or OpenRC.
   */
  readonly startsAtBoot: boolean;
  /** Enabled only by a preset, which runs when /etc/machine-id is missing or says `uninitialized`. */
  readonly onlyByPreset: boolean;
  /** The fragment, link, preset line or init script that decides. */
  readonly evidence: readonly Evidence[];
  /** Path of the unit file that wins, links not followed; undefined when absent. */
  readonly fragmentPath?: string;
}

/** One `Key=value` after drop-ins and resets, in order. */
export interface UnitSetting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

export interface UnitFiles {
  /** State of a unit by full name, `ssh.service`; for template instances `name@instance.service`. */
  state(name: string): UnitState;
  /** Settings of the unit with drop-ins applied; empty when absent or masked. */
  settings(name: string): readonly UnitSetting[];
  /** Full names of all units that have a fragment in the image, sorted. */
  readonly names: readonly string[];
  /** True when /etc/machine-id makes the next boot a first boot for systemd (missing or `uninitialized`). */
  readonly presetsRun: boolean;
}

/** systemd's view of the image at rest, and SysV, upstart and OpenRC scripts where there is no unit. */
export const unitFiles = defineFact<UnitFiles>({
  id: 'unit-files',
  description: 'State of every systemd unit (links, masks, aliases, drop-ins, presets) and of init scripts of older systems.',
  reads: ['/{etc,run,usr/local/lib,usr/lib,lib}/systemd/system/**', '/etc/systemd/system-preset/*.preset'],
  compute() {
    throw new Error('unit-files is not written yet');
  },
});
