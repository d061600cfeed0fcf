import { Mismatch } from './parse-setting.ts';

/**
 * A day of the calendar, YYYY-MM-DD.
 *
 * @param path Leads from the setting's own key to the value.
 * @throws {Mismatch} for anything else.
 */
export function dayOf(value: unknown, path: readonly (string | number)[]): string {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const time = Date.parse(`${value}T00:00:00Z`);
    // Some engines take the 31st of any month for a day of the next one.
    if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return value;
  }
  throw new Mismatch(`expected a day, such as 2028-06-30, found ${JSON.stringify(value)}`, path);
}
