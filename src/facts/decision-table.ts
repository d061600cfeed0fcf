import type { ImageType, Intent, Scenario, Storage } from '../engine/model.ts';

/** One row of Microsoft's decision table for imaging: what an image is for, and what it then has to be. */
export interface DecisionRow {
  readonly scenario: Scenario;
  /** Subject of "… takes" or "… take". */
  readonly purpose: string;
  readonly verb: 'takes' | 'take';
  readonly imageType: ImageType;
  readonly storages: readonly Storage[];
}

export const decisionTable: readonly DecisionRow[] = [
  {
    scenario: 'configured-vms',
    purpose: 'many VMs, each configured when it is created',
    verb: 'take',
    imageType: 'generalized',
    storages: ['gallery', 'managed-image'],
  },
  {
    scenario: 'snapshot',
    purpose: 'a VM from a snapshot or backup',
    verb: 'takes',
    imageType: 'specialized',
    storages: ['gallery', 'managed-disk'],
  },
  {
    scenario: 'identical-clones',
    purpose: 'several identical VMs without configuration',
    verb: 'take',
    imageType: 'specialized',
    storages: ['gallery'],
  },
];

/** Storages in plain words. */
export const storageNames: Readonly<Record<Storage, string>> = {
  gallery: 'a gallery',
  'managed-image': 'a managed image',
  'managed-disk': 'a managed disk',
};

export interface Decision {
  /** The row of the declared scenario; undefined without one. */
  readonly row?: DecisionRow;
  readonly typeFits: boolean;
  readonly storageFits: boolean;
  /** Rows that allow the declared type and storage. */
  readonly fitting: readonly DecisionRow[];
}

/** Looks the declared scenario, image type and storage up. Without a scenario everything fits. */
export function decide({ scenario, imageType, storage }: Pick<Intent, 'scenario' | 'imageType' | 'storage'>): Decision {
  const row = decisionTable.find((candidate) => candidate.scenario === scenario);
  return {
    ...(row && { row }),
    typeFits: row === undefined || row.imageType === imageType,
    storageFits: row === undefined || row.storages.includes(storage),
    fitting: decisionTable.filter((one) => one.imageType === imageType && one.storages.includes(storage)),
  };
}

/** Storages that take an image of this type at all. */
export function storagesFor(imageType: ImageType): readonly Storage[] {
  const storages = decisionTable.flatMap((row) => (row.imageType === imageType ? row.storages : []));
  return [...new Set(storages)];
}
