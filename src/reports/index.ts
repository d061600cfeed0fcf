import type { Report } from '../engine/model.ts';

export interface ReportOptions {
  readonly colour: boolean;
  /** Width of the page. */
  readonly columns: number;
  /** Findings and verdict only. */
  readonly quiet: boolean;
  /** Also what passed and what did not apply. */
  readonly verbose: boolean;
  /** Ids of rules that the user's settings left out. */
  readonly leftOut: readonly string[];
  /** What the exit code of this run means. */
  readonly exitMeaning: string;
}

/** Renders the result object of a run, to the last line break. */
export type Reporter = (report: Report, options: ReportOptions) => string;

/** Every report format, each loaded only when it is asked for. */
export const reporters = {
  text: async (): Promise<Reporter> => (await import('./text.ts')).renderText,
  json: async (): Promise<Reporter> => (await import('./json.ts')).renderJson,
} as const;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as readonly Format[];

export function isFormat(name: string): name is Format {
  return formats.some((format) => format === name);
}
