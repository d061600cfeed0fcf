import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import type { UnitState } from './unit-files.ts';

/** Plain data as PyYAML's safe_load gives it. Dates arrive as `Date`. */
export type CloudConfigValue =
  | null
  | boolean
  | number
  | string
  | Date
  | readonly CloudConfigValue[]
  | { readonly [key: string]: CloudConfigValue };

/** One configuration file and what became of it. */
export interface CloudConfigFile {
  readonly path: string;
  /** `ignored`: cloud-init throws the whole file away, for `problem`. `template`: Jinja, rendered only on the VM. */
  readonly state: 'merged' | 'ignored' | 'template' | 'empty';
  readonly problem?: { readonly line: number; readonly message: string };
  /** The file's own content, before merging. */
  readonly content?: { readonly [key: string]: CloudConfigValue };
  /** Line of a key path in this file, counted from 1. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

export interface CloudConfig {
  readonly files: readonly CloudConfigFile[];
  /** After the merge, built-in defaults not included. */
  readonly merged: { readonly [key: string]: CloudConfigValue };
  /** Value at a path of the merge: `get('system_info', 'default_user', 'name')`. Undefined when missing, null when null. */
  get(...path: readonly string[]): CloudConfigValue | undefined;
  /** `util.get_cfg_option_bool`: true, 1, "1", "true", "yes", "on" in any case are true; missing gives the default. */
  bool(key: string, defaultValue: boolean): boolean;
  /** The file and line that set the top-level key or path last. */
  origin(...path: readonly string[]): Evidence | undefined;
  /** Files of which nothing is known, so that `merged` may be incomplete. */
  readonly unread: readonly CouldNotRead[];
}

/** Outcome of ds-identify on an Azure VM, as far as the image decides it. */
export interface DataSourceSearch {
  /** `azure`: the Azure data source will be tried. `other`: a fixed list without Azure. `disabled`: cloud-init will not start. */
  readonly result: 'azure' | 'other' | 'disabled';
  /** The list that ds-identify works with; undefined for its built-in list. */
  readonly list?: readonly string[];
  /** Why, in one sentence, with the file that decides. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** What decided: the datasource list, /etc/cloud/ds-identify.cfg, the command line, or nothing in particular. */
  readonly decidedBy: 'datasource-list' | 'ds-identify-config' | 'kernel-command-line' | 'default';
  /** Lines of `datasource_list` that ds-identify up to 24.1 does not recognise for their spacing. */
  readonly oddSpacing: readonly Evidence[];
}

/** One thing that switches cloud-init off. */
export interface CloudInitSwitch {
  readonly kind: 'file' | 'kernel-command-line' | 'environment' | 'generator-masked' | 'target-masked' | 'grub-default';
  /** False for what only the next regeneration of the boot configuration would bring, or what cannot be decided. */
  readonly effective: boolean;
  readonly evidence: Evidence;
}

export interface CloudInit {
  readonly installed: boolean;
  readonly executable?: Evidence;
  readonly version?: { readonly text: string; readonly evidence: Evidence };
  readonly config: CloudConfig;
  /** The stage units that this version consists of. */
  readonly stages: readonly UnitState[];
  /** State of the unit that the agent asks about; `state === 'enabled'` is its test for "cloud-init provisions". */
  readonly localStage: UnitState;
  /** The agent's `enabled(ci)`: exactly `enabled`, or a SysV cloud-init service. */
  readonly enabledForAgent: boolean;
  readonly generator: { readonly present: boolean; readonly evidence: readonly Evidence[] };
  readonly dsIdentify: { readonly present: boolean; readonly evidence: readonly Evidence[] };
  readonly switches: readonly CloudInitSwitch[];
  readonly search: DataSourceSearch;
  /** Reasons why cloud-init will not provision from Azure on first boot; empty when it will. */
  readonly obstacles: readonly { readonly message: string; readonly evidence: readonly Evidence[] }[];
}

/** cloud-init: installation, merged configuration, stages, switches and the data source that it will use. */
export const cloudInit = defineFact<CloudInit>({
  id: 'cloud-init',
  description: 'cloud-init: version, merged configuration with origins, enabled stages, switches, and what ds-identify will decide on Azure.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg', '/etc/cloud/ds-identify.cfg', '/etc/cloud/cloud-init.disabled'],
  compute() {
    throw new Error('cloud-init is not written yet');
  },
});
