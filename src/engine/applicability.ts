import type { AppliesTo } from './define.ts';
import type { Architecture, Family, Intent } from './model.ts';

/** Reason why a rule does not look at an image under this intent; undefined when it does. */
export function excludedByIntent(appliesTo: AppliesTo, intent: Intent): string | undefined {
  const { imageTypes, storages, generations, profiles } = appliesTo;
  if (imageTypes && !imageTypes.includes(intent.imageType)) return `applies to ${imageTypes.join(' and ')} images`;
  if (storages && !storages.includes(intent.storage)) return `applies to storage ${storages.join(' or ')}`;
  if (profiles && !profiles.some((profile) => intent.profiles.includes(profile)))
    return `applies under profile ${profiles.join(' or ')}`;
  if (generations && intent.generation !== undefined && !generations.includes(intent.generation))
    return `applies to generation ${generations.join(' and ')}`;
  return undefined;
}

export function excludedByFamily(appliesTo: AppliesTo, family: Family | undefined): string | undefined {
  const { families } = appliesTo;
  if (!families || (family && families.includes(family))) return undefined;
  return `applies to ${families.join(', ')}; this image is ${family ?? 'of no known distribution'}`;
}

export function excludedByArchitecture(
  appliesTo: AppliesTo,
  architecture: Architecture | undefined,
): string | undefined {
  const { architectures } = appliesTo;
  if (!architectures || (architecture && architectures.includes(architecture))) return undefined;
  return `applies to ${architectures.join(', ')}; this image is ${architecture ?? 'of no known architecture'}`;
}
