import { didYouMean } from './did-you-mean.ts';
import { type SettingDescription, type SettingKey, type Settings, settings } from './settings.ts';

/** A value that a setting does not take. The path leads from the setting's own key to the part at fault. */
export class Mismatch extends Error {
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.path = path;
  }
}

/**
 * Checks one value and gives it in the setting's own type.
 *
 * @throws {Mismatch} saying what was expected and what was found.
 */
export function parseSetting<K extends SettingKey>(key: K, value: unknown): NonNullable<Settings[K]> {
  const description = settings[key];
  const parsed = byKind(description, value);
  // Generation is the one choice whose values are numbers.
  const typed = key === 'generation' && parsed !== 'auto' ? Number(parsed) : parsed;
  // The table ties the kind and choices of each key to the type of that key.
  return typed as NonNullable<Settings[K]>;
}

function byKind(description: SettingDescription, value: unknown): unknown {
  const choices = description.choices ?? [];
  switch (description.kind) {
    case 'choice':
      return choice(value, choices);
    case 'choices':
      return list(value).map((item, index) => choice(item, choices, [index]));
    case 'selection':
      return list(value).map((item, index) => text(item, [index]));
    case 'switch':
      if (typeof value === 'boolean') return value;
      throw new Mismatch(`expected true or false, found ${shown(value)}`);
    case 'levels':
      return levels(value, choices);
    case 'text':
      return text(value);
  }
}

function choice(value: unknown, choices: readonly string[], path: readonly number[] = []): string {
  const word = typeof value === 'number' ? String(value) : value;
  if (typeof word === 'string' && choices.includes(word)) return word;
  const hint = typeof word === 'string' ? didYouMean(word, choices) : '';
  throw new Mismatch(`expected one of ${choices.join(', ')}, found ${shown(value)}${hint}`, path);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Mismatch(`expected a list, found ${shown(value)}`);
}

function text(value: unknown, path: readonly number[] = []): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new Mismatch(`expected a text, found ${shown(value)}`, path);
}

function levels(value: unknown, choices: readonly string[]): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mismatch(`expected rule ids with a severity each, found ${shown(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([id, level]) => {
      if (typeof level === 'string' && choices.includes(level)) return [id, level];
      const hint = typeof level === 'string' ? didYouMean(level, choices) : '';
      throw new Mismatch(`expected one of ${choices.join(', ')}, found ${shown(level)}${hint}`, [id]);
    }),
  );
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}
