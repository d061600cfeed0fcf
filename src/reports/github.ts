import type { Report, Severity } from '../engine/model.ts';
import { alertsOf, runProblems } from './alerts.ts';
import { forTerminal, forWorkflowProperty, forWorkflowText } from './escape.ts';
import type { ReportOptions } from './index.ts';
import { placeOf } from './text/place.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/**
 * Workflow commands of GitHub Actions, an annotation for each alert. GitHub shows ten of a kind for each step, so the
 * command line adds the whole report to the summary of the job.
 */
export function renderGithub(report: Report, options: ReportOptions): string {
  const file = options.anchor === undefined ? '' : `file=${forWorkflowProperty(options.anchor)},`;
  const alerts = report.images.flatMap((image) =>
    alertsOf(image).map(({ result, severity, message, place }) => {
      const title = forWorkflowProperty(`${image.label}: ${result.ruleId}`);
      const where = place ? ` (${placeOf(place)})` : '';
      const text = `${forTerminal(message)}${where}. ${result.remediation}`;
      return `::${commands[severity]} ${file}title=${title}::${forWorkflowText(text)}`;
    }),
  );
  const problems = runProblems(report.images, report.unscanned).map(
    (text) => `::error title=${forWorkflowProperty(report.tool.name)}::${forWorkflowText(forTerminal(text))}`,
  );
  return [...alerts, ...problems, ...verdictLines(report, options)].map((line) => `${line}\n`).join('');
}

/** `web: fail: 1 error, 2 warnings`, and what the exit code means. */
export function verdictLines(report: Report, { exitMeaning }: ReportOptions): readonly string[] {
  const images = report.images.map(({ label, verdict, counts }) => {
    const { error, warning, info, unknown } = counts;
    return `${forTerminal(label)}: ${verdict}: errors ${error}, warnings ${warning}, remarks ${info}, undecided ${unknown}`;
  });
  return [...images, `Exit code ${report.exitCode}: ${exitMeaning}`];
}
