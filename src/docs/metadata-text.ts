import type { AppliesTo, SeverityByProfile } from '../engine/define.ts';

export function severityText(severity: SeverityByProfile): string {
  if (typeof severity === 'string') return severity;
  const { base, ...profiles } = severity;
  const raised = Object.entries(profiles)
    .filter(([, level]) => level !== base)
    .map(([profile, level]) => `${level} with profile ${profile}`);
  return [base, ...raised].join(', ');
}

export function appliesToText(appliesTo: AppliesTo): string {
  const { imageTypes, storages, generations, profiles, families, architectures } = appliesTo;
  const parts = [
    imageTypes && `${imageTypes.join(' and ')} images`,
    storages && `storage ${storages.join(', ')}`,
    generations && `generation ${generations.join(' and ')}`,
    profiles && `profile ${profiles.join(', ')}`,
    families && `distributions of family ${families.join(', ')}`,
    architectures && `architecture ${architectures.join(', ')}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ') || 'every image';
}

export function areaOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
