import type { ImageReport, Outcome, Result, Suppression } from '../../engine/model.ts';
import { forTerminal } from '../escape.ts';
import type { ReportOptions } from '../index.ts';
import { hanging } from '../layout.ts';
import type { Palette } from '../palette.ts';
import { placeOf } from './place.ts';

const liveResults = (image: ImageReport, outcome: Outcome): readonly Result[] =>
  image.results.filter((result) => result.outcome === outcome && !result.suppressed);

/** What should have been decidable and was not, with the reasons, which say what would help. */
export function unknownSection(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  const results = liveResults(image, 'unknown');
  if (results.length === 0) return [];
  return [
    '',
    palette.bold(palette.unknown(`${results.length} could not be decided`)),
    ...results.flatMap((result) => [
      '',
      `  ${palette.unknown('unknown')}  ${palette.bold(forTerminal(result.ruleId))} (severity ${result.severity})`,
      hanging('    ', forTerminal(result.title), options.columns),
      hanging('    Reason  ', forTerminal(result.reason ?? 'not given'), options.columns),
    ]),
  ];
}

export function unknownSummaries(image: ImageReport, palette: Palette): readonly string[] {
  return liveResults(image, 'unknown').map(
    ({ ruleId, reason }) => `${palette.unknown('unknown')}  ${forTerminal(ruleId)}: ${forTerminal(reason ?? '')}`,
  );
}

/** Rules that threw. */
export function internalErrorSection(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  if (image.internalErrors.length === 0) return [];
  return [
    '',
    palette.bold(palette.error('Internal errors: defects of these rules, not of the image; please report them')),
    ...image.internalErrors.map(({ ruleId, message }) =>
      hanging(`  ${forTerminal(ruleId)}: `, forTerminal(message), options.columns),
    ),
  ];
}

/** What passed, did not apply or could not be shown by this kind of target; for the verbose report. */
export function silentSections(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  const passed = liveResults(image, 'pass').map((result) => {
    const places = (result.evidence ?? []).map(placeOf);
    const from = places.length === 0 ? '' : ` (${places.slice(0, 3).join(', ')}${places.length > 3 ? ', …' : ''})`;
    return [result.ruleId, `${forTerminal(result.title)}${from}`] as const;
  });
  const reasons = (outcome: Outcome) =>
    liveResults(image, outcome).map((result) => [result.ruleId, forTerminal(result.reason ?? '')] as const);
  const suppressed = suppressionsOf(image).map(({ ruleId, text, suppressed: { reason, expires } }) => {
    const until = expires === undefined ? '' : ` (until ${expires})`;
    return [ruleId, forTerminal(`${text}: ${reason}${until}`)] as const;
  });
  const section = (title: string, rows: readonly (readonly [string, string])[]) =>
    rows.length === 0
      ? []
      : [
          '',
          palette.bold(`${rows.length} ${title}`),
          ...rows.flatMap(([id, text]) => [
            `  ${forTerminal(id)}`,
            palette.dim(hanging('    ', text, options.columns)),
          ]),
        ];
  return [
    ...section('passed', passed),
    ...section('not applicable', reasons('not-applicable')),
    ...section('skipped', reasons('skipped')),
    ...section('suppressed', suppressed),
  ];
}

interface SuppressedPart {
  readonly ruleId: string;
  readonly text: string;
  readonly suppressed: Suppression;
}

/** Suppressed findings one by one, and rules whose being undecided is accepted. */
export function suppressionsOf(image: Pick<ImageReport, 'results'>): readonly SuppressedPart[] {
  return image.results.flatMap((result): readonly SuppressedPart[] => {
    const { ruleId, suppressed } = result;
    if (result.outcome === 'unknown')
      return suppressed ? [{ ruleId, text: `undecided: ${result.reason ?? ''}`, suppressed }] : [];
    return result.findings.flatMap((finding) => {
      const by = finding.suppressed ?? suppressed;
      return by ? [{ ruleId, text: finding.message, suppressed: by }] : [];
    });
  });
}
