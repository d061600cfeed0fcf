import type { Intent } from '../engine/model.ts';
import type { Settings } from './settings.ts';

/** What the settings declare about the image, with the defaults filled in. */
export function intentOf(settings: Settings): Intent {
  const storage = settings.storage ?? 'gallery';
  // Azure creates a VM from a managed disk without any provisioning, whatever is in the image.
  const implied = storage === 'managed-disk' ? 'specialized' : undefined;
  return {
    imageType: settings.imageType ?? implied ?? 'generalized',
    imageTypeDeclared: (settings.imageType ?? implied) !== undefined,
    storage,
    ...(typeof settings.generation === 'number' && { generation: settings.generation }),
    profiles: [...new Set(settings.profiles ?? [])].sort(),
    ...(settings.scenario && { scenario: settings.scenario }),
    ...(settings.intermediate && { intermediate: true }),
  };
}
