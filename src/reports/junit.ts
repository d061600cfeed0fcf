import type { ImageReport, Report, Result } from '../engine/model.ts';
import { liveFindings } from '../engine/verdict.ts';
import { forTerminal, forXml, forXmlAttribute } from './escape.ts';
import { suppressionsOf } from './text/other-results.ts';
import { placeOf } from './text/place.ts';

/**
 * JUnit XML as Azure DevOps, GitLab and Jenkins read it: a suite for each image, a test for each rule. A finding is a
 * failure, what could not be decided or crashed is an error, what did not apply, could not be shown or is accepted was
 * skipped. A target that could not be scanned is a suite of one error.
 */
export function renderJunit(report: Report): string {
  const suites = [...report.images.map(suiteOf), ...report.unscanned.map(unscannedSuite)];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${forXmlAttribute(report.tool.name)}">\n${suites.join('')}</testsuites>\n`;
}

function suiteOf(image: ImageReport): string {
  const crashed = image.internalErrors.map(({ ruleId, message }) =>
    testCase(ruleId, ruleId, `<error message="${forXmlAttribute(`the rule crashed: ${message}`)}"/>`),
  );
  const cases = [...image.results.map(caseOf), ...crashed];
  const total = (tag: string) => cases.filter((text) => text.includes(`\n      <${tag} `)).length;
  const attributes = [
    `name="${forXmlAttribute(image.label)}"`,
    `tests="${cases.length}"`,
    `failures="${total('failure')}"`,
    `errors="${total('error')}"`,
    `skipped="${total('skipped')}"`,
    `time="${(image.stats.durationMs / 1000).toFixed(3)}"`,
  ];
  return `  <testsuite ${attributes.join(' ')}>\n${cases.join('')}  </testsuite>\n`;
}

function unscannedSuite({ target, message }: Report['unscanned'][number]): string {
  const name = forXmlAttribute(target);
  const body = testCase('scan', 'The target can be scanned', `<error message="${forXmlAttribute(message)}"/>`);
  return `  <testsuite name="${name}" tests="1" failures="0" errors="1" skipped="0" time="0">\n${body}  </testsuite>\n`;
}

function caseOf(result: Result): string {
  return testCase(result.ruleId, result.title, outcomeOf(result));
}

function outcomeOf(result: Result): string | undefined {
  const { outcome, reason = '' } = result;
  if (outcome === 'pass') return undefined;
  if (outcome === 'not-applicable' || outcome === 'skipped')
    return `<skipped message="${forXmlAttribute(`${outcome}: ${reason}`)}"/>`;
  if (result.suppressed) return `<skipped message="${forXmlAttribute(`suppressed: ${result.suppressed.reason}`)}"/>`;
  if (outcome === 'unknown') return `<error message="${forXmlAttribute(`could not be decided: ${reason}`)}"/>`;
  const findings = liveFindings(result);
  const message = findings.map((finding) => finding.message).join('; ');
  return `<failure type="${result.severity}" message="${forXmlAttribute(message)}">${forXml(detailsOf(result))}</failure>`;
}

function detailsOf(result: Result): string {
  const findings = liveFindings(result).flatMap(({ severity, message, evidence }) => [
    `${severity}: ${forTerminal(message)}`,
    ...evidence.map((place) => `  ${placeOf(place)}${place.text === undefined ? '' : `  ${forTerminal(place.text)}`}`),
  ]);
  const accepted = suppressionsOf({ results: [result] }).map(
    ({ text, suppressed }) => `suppressed: ${forTerminal(`${text}: ${suppressed.reason}`)}`,
  );
  const fix = (result.fix ?? []).map((line) => `  $ ${forTerminal(line)}`);
  return [...findings, ...accepted, `Why: ${result.rationale}`, `Fix: ${result.remediation}`, ...fix].join('\n');
}

/** Azure DevOps keeps no more of a name. */
const longestName = 512;

function testCase(ruleId: string, title: string, outcome: string | undefined): string {
  const [area = ''] = ruleId.split('/');
  const name = forXmlAttribute(`${ruleId}: ${title}`.slice(0, longestName));
  const head = `    <testcase classname="${forXmlAttribute(area)}" name="${name}" time="0"`;
  return outcome === undefined ? `${head}/>\n` : `${head}>\n      ${outcome}\n    </testcase>\n`;
}
