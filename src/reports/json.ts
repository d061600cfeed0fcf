import type { Report } from '../engine/model.ts';
import { forJson } from './escape.ts';

/** The result object itself, as `docs/report.schema.json` describes it. */
export function renderJson(report: Report): string {
  return `${forJson(JSON.stringify(report, undefined, 2))}\n`;
}
