import { describe, expect, test } from '@jest/globals';
import type { ImageType, Scenario, Storage } from '../../src/engine/model.ts';
import { decide, storagesFor } from '../../src/facts/decision-table.ts';

describe('decision table', () => {
  test.each<[Scenario | undefined, ImageType, Storage, boolean, boolean, Scenario[]]>([
    ['configured-vms', 'generalized', 'gallery', true, true, ['configured-vms']],
    ['configured-vms', 'generalized', 'managed-disk', true, false, []],
    ['configured-vms', 'specialized', 'managed-image', false, true, []],
    ['snapshot', 'specialized', 'gallery', true, true, ['snapshot', 'identical-clones']],
    ['snapshot', 'specialized', 'managed-image', true, false, []],
    ['identical-clones', 'specialized', 'managed-disk', true, false, ['snapshot']],
    ['identical-clones', 'generalized', 'managed-image', false, false, ['configured-vms']],
    [undefined, 'generalized', 'managed-disk', true, true, []],
  ])('%s, %s in %s', (scenario, imageType, storage, typeFits, storageFits, fitting) => {
    const decision = decide({ imageType, storage, ...(scenario && { scenario }) });
    expect({ ...decision, row: decision.row?.scenario, fitting: decision.fitting.map((row) => row.scenario) }).toEqual({
      row: scenario,
      typeFits,
      storageFits,
      fitting,
    });
  });

  test('storages by type', () => {
    expect(storagesFor('generalized')).toEqual(['gallery', 'managed-image']);
    expect(storagesFor('specialized')).toEqual(['gallery', 'managed-disk']);
  });
});
