import type { BaselineComparison, ImageReport, Report, Verdict } from '../engine/model.ts';
import { forTerminal } from './escape.ts';
import type { ReportOptions } from './index.ts';
import { plural, widthOf, wrap } from './layout.ts';
import { type Paint, type Palette, paletteOf } from './palette.ts';
import { findingSections, findingSummaries } from './text/findings.ts';
import { imageHead } from './text/image-head.ts';
import { internalErrorSection, silentSections, unknownSection, unknownSummaries } from './text/other-results.ts';

/** The report for people. */
export function renderText(report: Report, options: ReportOptions): string {
  const palette = paletteOf(options.colour);
  const blocks = report.images.map((image) =>
    options.quiet ? quietImage(image, report, palette) : fullImage(image, report, options, palette),
  );
  const unscanned = report.unscanned.map(
    ({ message }) => `${palette.unknown('not scanned')}  ${forTerminal(message)}\n`,
  );
  const reasons = report.verdict === 'undecided' ? undecidedBy(report) : [];
  const meaning = [options.exitMeaning, ...(reasons.length > 0 ? [reasons.join(', ')] : [])].join(': ');
  const end = wrap(`Exit code ${report.exitCode}: ${meaning}`, options.columns);
  const table = report.images.length > 1 ? [summaryTable(report.images, palette)] : [];
  return [...blocks, ...unscanned, ...table, `${end.join('\n')}\n`].join('\n');
}

function fullImage(image: ImageReport, report: Report, options: ReportOptions, palette: Palette): string {
  const lines = [
    ...imageHead(image, options, palette),
    ...findingSections(image, options, palette),
    ...unknownSection(image, options, palette),
    ...internalErrorSection(image, options, palette),
    ...(options.verbose ? silentSections(image, options, palette) : []),
    '',
    ...wrap(countsText(image, options), options.columns),
    verdictLine(image, report, palette),
  ];
  return `${lines.join('\n')}\n`;
}

function quietImage(image: ImageReport, report: Report, palette: Palette): string {
  const internal = image.internalErrors.map(
    ({ ruleId, message }) => `${palette.error('internal error')}  ${forTerminal(ruleId)}: ${forTerminal(message)}`,
  );
  const lines = [...findingSummaries(image, palette), ...unknownSummaries(image, palette), ...internal];
  return `${[...lines, verdictLine(image, report, palette)].join('\n')}\n`;
}

/** Every outcome is counted, the zeros too: nobody should have to wonder what became of the other rules. */
function countsText({ counts, results, internalErrors, stats }: ImageReport, { leftOut }: ReportOptions): string {
  const parts = [
    `${counts.pass} passed`,
    `${counts.fail} failed`,
    `${counts.unknown} unknown`,
    `${counts.notApplicable} not applicable`,
    `${counts.skipped} skipped`,
    `${counts.suppressed} suppressed`,
    ...(internalErrors.length > 0 ? [`${internalErrors.length} crashed`] : []),
    ...(leftOut.length > 0 ? [`${leftOut.length} left out by your settings`] : []),
  ];
  const rules = plural(results.length + internalErrors.length + leftOut.length, 'rule');
  return `${rules} as of ${stats.judgedOn}: ${parts.join(', ')}`;
}

/** One line for each image. */
function summaryTable(images: readonly ImageReport[], palette: Palette): string {
  const width = Math.max(5, ...images.map(({ label }) => widthOf(forTerminal(label))));
  const row = (label: string, cells: readonly (string | number)[], verdict: string) =>
    `${label}${' '.repeat(width - widthOf(label))}  ${cells.map((cell) => String(cell).padStart(9)).join(' ')}  ${verdict}\n`;
  const head = palette.bold(row('image', ['errors', 'warnings', 'remarks', 'undecided'], 'verdict'));
  const rows = images.map(({ label, counts, verdict }) =>
    row(
      forTerminal(label),
      [counts.error, counts.warning, counts.info, counts.unknown],
      verdictPaint(palette)[verdict](verdictWords[verdict]),
    ),
  );
  return [head, ...rows].join('');
}

/** Why there is no verdict. */
function undecidedBy({ images, unscanned }: Report): readonly string[] {
  const crashed = images.reduce((sum, { internalErrors }) => sum + internalErrors.length, 0);
  const unknown = images
    .flatMap(({ results }) => results)
    .filter(({ outcome, severity, suppressed }) => outcome === 'unknown' && severity === 'error' && !suppressed).length;
  return [
    ...(unscanned.length > 0 ? [`${plural(unscanned.length, 'target')} could not be scanned`] : []),
    ...(crashed > 0 ? [`${plural(crashed, 'rule')} crashed`] : []),
    ...(unknown > 0
      ? [`${plural(unknown, 'rule')} of severity error could not be decided (--allow-unknown accepts that)`]
      : []),
  ];
}

const verdictWords: Readonly<Record<Verdict, string>> = { pass: 'PASS', fail: 'FAIL', undecided: 'UNDECIDED' };

function verdictPaint({ good, error, unknown }: Palette): Readonly<Record<Verdict, Paint>> {
  return { pass: good, fail: error, undecided: unknown };
}

function verdictLine(image: ImageReport, report: Report, palette: Palette): string {
  const { error, warning, info, suppressedFindings } = image.counts;
  const findings = [
    `${plural(error, 'error')}, ${plural(warning, 'warning')}, ${plural(info, 'remark')}`,
    ...(suppressedFindings > 0 ? [`${plural(suppressedFindings, 'finding')} suppressed`] : []),
    ...(image.baseline ? [baselineText(image.baseline)] : []),
  ].join('; ');
  const name = report.images.length > 1 ? ` ${forTerminal(image.label)}` : '';
  return `${palette.bold(verdictPaint(palette)[image.verdict](verdictWords[image.verdict]))}${name}: ${findings}`;
}

/** `against the baseline 2 new, 5 unchanged, 1 fixed`. */
export function baselineText({ new: added, unchanged, fixed }: BaselineComparison): string {
  return `against the baseline ${added} new, ${unchanged} unchanged, ${fixed.length} fixed`;
}
