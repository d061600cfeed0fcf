import type { ReferenceData } from '../engine/host.ts';
import { dayOf } from './day.ts';
import { didYouMean } from './did-you-mean.ts';
import { Mismatch } from './parse-setting.ts';

const tables: readonly (keyof ReferenceData)[] = ['endOfLife'];

/**
 * Checks the key `data` of a configuration file: what the user knows better than the dated data of the program.
 *
 * @throws {Mismatch} saying what was expected and what was found.
 */
export function parseReferenceData(value: unknown): ReferenceData {
  const data = mapping(value, []);
  const unknown = Object.keys(data).find((key) => !tables.some((table) => table === key));
  if (unknown !== undefined) {
    throw new Mismatch(`unknown table${didYouMean(unknown, tables) || `; known: ${tables.join(', ')}`}`, [unknown]);
  }
  const endOfLife = mapping(data['endOfLife'] ?? {}, ['endOfLife']);
  return {
    endOfLife: Object.fromEntries(
      Object.entries(endOfLife).map(([release, day]) => [release, dayOf(day, ['endOfLife', release])]),
    ),
  };
}

function mapping(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mismatch('expected keys with values, such as "endOfLife: { debian-12: 2028-06-30 }"', path);
  }
  // A mapping of YAML has strings for keys and any value.
  return value as Readonly<Record<string, unknown>>;
}
