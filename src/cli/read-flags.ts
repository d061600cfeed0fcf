import { UsageError } from '../config/usage-error.ts';
import type { Flags } from './flags.ts';

/** Value of a flag that may be given once; undefined when it was not given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) throw new UsageError(`--${name} is given ${value.length} times; it takes one value`);
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} needs a value`);
  return value;
}

/** Values of a flag that may be repeated; undefined when it was not given. */
export function listFlag(flags: Flags, name: string): readonly string[] | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  const items = (Array.isArray(value) ? value : [value]).map(String);
  if (items.length === 0 || items.includes('')) throw new UsageError(`--${name} needs a value`);
  return items;
}

export function switchFlag(flags: Flags, name: string): boolean | undefined {
  const value = flags[name];
  return value === undefined ? undefined : [value].flat().at(-1) === true;
}
