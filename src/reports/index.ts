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
  /** File of the repository on which all alerts are put, where a format has them on files. */
  readonly anchor?: string;
  /** SARIF also has what passed, did not apply or is accepted. */
  readonly sarifFull: boolean;
  /** SHA-256 of the UTF-8 bytes, lower-case hexadecimal. */
  readonly sha256: (text: string) => string;
}

/** Renders the result object of a run, to the last line break. */
export type Reporter = (report: Report, options: ReportOptions) => string;

/** Every report format, each loaded only when it is asked for. */
export const reporters = {
  text: async (): Promise<Reporter> => (await import('./text.ts')).renderText,
  json: async (): Promise<Reporter> => (await import('./json.ts')).renderJson,
  sarif: async (): Promise<Reporter> => (await import('./sarif.ts')).renderSarif,
  junit: async (): Promise<Reporter> => (await import('./junit.ts')).renderJunit,
  github: async (): Promise<Reporter> => (await import('./github.ts')).renderGithub,
  azure: async (): Promise<Reporter> => (await import('./azure.ts')).renderAzure,
  gitlab: async (): Promise<Reporter> => (await import('./gitlab.ts')).renderGitlab,
  html: async (): Promise<Reporter> => (await import('./html.ts')).renderHtml,
  markdown: async (): Promise<Reporter> => (await import('./markdown.ts')).renderMarkdown,
} as const;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as readonly Format[];

export function isFormat(name: string): name is Format {
  return formats.some((format) => format === name);
}
