import type { SuppressionEntry } from '../engine/suppress.ts';
import { dayOf } from './day.ts';
import { didYouMean } from './did-you-mean.ts';
import { Mismatch } from './parse-setting.ts';

const keys = ['rule', 'path', 'image', 'reason', 'expires', 'owner'] as const;

/**
 * Checks the key `suppressions` of a configuration file. Every entry says why.
 *
 * @throws {Mismatch} saying what was expected and what was found.
 */
export function parseSuppressions(value: unknown): readonly SuppressionEntry[] {
  if (!Array.isArray(value)) {
    throw new Mismatch(
      'expected a list of entries, such as "- { rule: storage/swap, reason: needed by the database }"',
    );
  }
  return value.map((entry: unknown, index) => parseEntry(entry, index));
}

function parseEntry(value: unknown, index: number): SuppressionEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mismatch('expected the keys rule and reason', [index]);
  }
  const entry = new Map<string, unknown>(Object.entries(value));
  for (const key of entry.keys()) {
    if (!keys.some((known) => known === key))
      throw new Mismatch(`unknown key${didYouMean(key, keys) || `; known keys: ${keys.join(', ')}`}`, [index, key]);
  }
  const text = (key: (typeof keys)[number]): string | undefined => {
    const found = entry.get(key);
    if (found === undefined) return undefined;
    if (typeof found === 'string' && found.trim() !== '') return found;
    throw new Mismatch(`expected a text, found ${JSON.stringify(found)}`, [index, key]);
  };
  const rule = text('rule');
  const reason = text('reason');
  if (rule === undefined) throw new Mismatch('expected the key rule: the id of a rule, or an area', [index]);
  if (reason === undefined) throw new Mismatch('expected the key reason: why the finding is accepted', [index]);
  // Known only to the people who read the file.
  text('owner');
  const path = text('path');
  const image = text('image');
  const expires = entry.has('expires') ? dayOf(entry.get('expires'), [index, 'expires']) : undefined;
  return {
    rule,
    reason,
    ...(path !== undefined && { path }),
    ...(image !== undefined && { image }),
    ...(expires !== undefined && { expires }),
  };
}
