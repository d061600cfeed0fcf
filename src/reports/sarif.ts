import type { ImageReport, Report, Result, Severity } from '../engine/model.ts';
import { type Alert, alertsOf } from './alerts.ts';
import { forJson, forTerminal } from './escape.ts';
import type { ReportOptions } from './index.ts';
import { sarifExtraResults } from './sarif-extra.ts';
import { locationOf, messageOf } from './sarif-parts.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * SARIF 2.1.0 as GitHub code scanning takes it: one run and one category for each image, every result on a file with a
 * region, and fingerprints of our own. An image without alerts has a run without results, which closes old alerts; one
 * that could not be scanned has none, which leaves them open.
 */
export function renderSarif(report: Report, options: ReportOptions): string {
  const images = report.images.map((image) => runOf(image, report, options));
  const runs = images.length > 0 ? images : [emptyRun(report)];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs,
  };
  return `${forJson(JSON.stringify(log, undefined, 2))}\n`;
}

function runOf(image: ImageReport, report: Report, options: ReportOptions) {
  const rules = image.results.map(({ ruleId }) => ruleId);
  const results = alertsOf(image).map((alert) => resultOf(alert, image, rules, options));
  const extra = options.sarifFull ? sarifExtraResults(image, rules, options) : [];
  return {
    tool: { driver: { ...driverOf(report), rules: image.results.map(descriptorOf) } },
    automationDetails: { id: `${report.tool.name}/${forTerminal(image.label)}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocationOf(image, report)],
    results: [...results, ...extra],
  };
}

function driverOf({ tool }: Report) {
  return { name: tool.name, version: tool.version, semanticVersion: tool.version };
}

function emptyRun(report: Report) {
  return {
    tool: { driver: { ...driverOf(report), rules: [] } },
    automationDetails: { id: `${report.tool.name}/` },
    invocations: [{ executionSuccessful: false, toolExecutionNotifications: notificationsOf([], report) }],
    results: [],
  };
}

/** Texts longer than this are refused by code scanning. */
const longestText = 1024;

function descriptorOf(result: Result) {
  const [area = ''] = result.ruleId.split('/');
  const help = `${result.rationale} ${result.remediation}`.slice(0, longestText);
  return {
    id: result.ruleId,
    shortDescription: { text: result.title },
    fullDescription: { text: result.rationale.slice(0, longestText) },
    help: { text: help },
    // A page within the package is no address; one that a plugin gives is.
    ...(result.docs?.startsWith('https://') && { helpUri: result.docs }),
    defaultConfiguration: { level: levels[result.severity] },
    properties: {
      tags: ['azure', area],
      precision: 'very-high',
      'problem.severity': result.severity === 'info' ? 'recommendation' : result.severity,
    },
  };
}

function resultOf(alert: Alert, image: ImageReport, rules: readonly string[], options: ReportOptions) {
  const { result, severity, message, place, fingerprint } = alert;
  return {
    ruleId: result.ruleId,
    ruleIndex: rules.indexOf(result.ruleId),
    level: levels[severity],
    ...(options.sarifFull && { kind: alert.isUndecided ? 'open' : 'fail' }),
    message: { text: messageOf(message, place) },
    locations: [locationOf(image.label, place, options.anchor)],
    partialFingerprints: {
      // Of images with the same finding each has an alert of its own.
      primaryLocationLineHash: `${options.sha256(`${image.label}\0${fingerprint}`)}:1`,
    },
  };
}

function invocationOf(image: ImageReport, report: Report) {
  const isFirst = report.images[0] === image;
  const unscanned = isFirst ? report.unscanned : [];
  return {
    executionSuccessful: image.internalErrors.length === 0 && unscanned.length === 0,
    toolExecutionNotifications: notificationsOf(image.internalErrors, { unscanned }),
  };
}

function notificationsOf(
  crashed: ImageReport['internalErrors'],
  { unscanned }: Pick<Report, 'unscanned'>,
): readonly unknown[] {
  return [
    ...crashed.map(({ ruleId, message }) => ({
      level: 'error',
      associatedRule: { id: ruleId },
      message: { text: forTerminal(`the rule crashed: ${message}`) },
    })),
    ...unscanned.map(({ message }) => ({ level: 'error', message: { text: forTerminal(`not scanned: ${message}`) } })),
  ];
}
