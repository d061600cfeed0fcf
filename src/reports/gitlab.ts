import type { Report, Severity } from '../engine/model.ts';
import { alertsOf, runProblems } from './alerts.ts';
import { forJson, forTerminal } from './escape.ts';
import type { ReportOptions } from './index.ts';

const severities: Readonly<Record<Severity, string>> = { error: 'critical', warning: 'minor', info: 'info' };

/** Code quality report of GitLab: its subset of the Code Climate format, one object for each alert. */
export function renderGitlab(report: Report, options: ReportOptions): string {
  const alerts = report.images.flatMap((image) =>
    alertsOf(image).map(({ result, severity, message, place, fingerprint }) => ({
      description: forTerminal(message),
      check_name: result.ruleId,
      fingerprint: options.sha256(`${image.label}\0${fingerprint}`),
      severity: severities[severity],
      location: {
        path: forTerminal(options.anchor ?? `${image.label}${place?.path ?? ''}`),
        lines: { begin: options.anchor === undefined ? (place?.line ?? 1) : 1 },
      },
    })),
  );
  const problems = runProblems(report.images, report.unscanned).map((text) => ({
    description: forTerminal(text),
    check_name: report.tool.name,
    fingerprint: options.sha256(text),
    severity: 'blocker',
    location: { path: forTerminal(options.anchor ?? report.tool.name), lines: { begin: 1 } },
  }));
  return `${forJson(JSON.stringify([...alerts, ...problems], undefined, 2))}\n`;
}
