import type { Evidence, ImageReport, Outcome, Result, Severity } from '../../engine/model.ts';
import { liveFindings } from '../../engine/verdict.ts';
import { forXml, forXmlAttribute } from '../escape.ts';
import { plural } from '../layout.ts';
import { goodOutcomes, intentText } from '../text/image-head.ts';
import { suppressionsOf } from '../text/other-results.ts';
import { placeOf } from '../text/place.ts';
import { baselineText } from '../text.ts';

const text = forXmlAttribute;
/** More places say nothing new. */
const shownPlaces = 10;

/** All that is to say of one image. */
export function imageSection(image: ImageReport, index: number): string {
  const { distribution, architecture } = image.system;
  const system = distribution?.prettyName ?? distribution?.id ?? 'distribution not known';
  const unknown = image.results.filter(({ outcome, suppressed }) => outcome === 'unknown' && !suppressed);
  const failed = image.results.filter((result) => result.outcome === 'fail' && !result.suppressed);
  return `
<section aria-labelledby="image-${index}">
<h2 id="image-${index}"><span class="badge ${image.verdict}">${image.verdict.toUpperCase()}</span> ${text(image.label)}</h2>
<p>${text(system)}${architecture ? `, ${architecture}` : ''} (${image.kind}), judged as ${text(intentText(image.intent))}.</p>
${(image.notices ?? []).map((notice) => `<p>Notice: ${text(notice)}</p>`).join('\n')}
${firstBoot(image)}
<p>${countsText(image)}</p>
${cards('Findings', failed.map(findingCard))}
${cards('Undecided', unknown.map(unknownCard))}
${image.internalErrors.map(({ ruleId, message }) => `<p class="error">The rule ${text(ruleId)} crashed, which is a defect of the rule: ${text(message)}</p>`).join('\n')}
${suppressed(image)}
${coverage(image)}
</section>`;
}

function firstBoot({ firstBoot: boot }: ImageReport): string {
  if (!boot) return '';
  const kind = goodOutcomes.includes(boot.outcome) ? 'pass' : boot.outcome === 'unknown' ? 'unknown' : 'fail';
  const steps = boot.steps.map((step) => `<li>${text(step)}</li>`).join('');
  return `<h3>First boot</h3>
<div class="boot ${kind}"><p><strong>${text(boot.summary)}</strong></p>${steps === '' ? '' : `<ol>${steps}</ol>`}</div>`;
}

function countsText({ counts, results, stats, baseline }: ImageReport): string {
  const { error, warning, info, suppressedFindings } = counts;
  return [
    `<strong>${plural(error, 'error')}, ${plural(warning, 'warning')}, ${plural(info, 'remark')}</strong>`,
    ...(suppressedFindings > 0 ? [`${plural(suppressedFindings, 'finding')} suppressed`] : []),
    ...(baseline ? [baselineText(baseline)] : []),
    `${plural(results.length, 'rule')} as of ${stats.judgedOn}: ${counts.pass} passed, ${counts.fail} failed, ${counts.unknown} undecided, ${counts.notApplicable} not applicable, ${counts.skipped} skipped`,
  ].join('; ');
}

function cards(heading: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<h3>${heading}</h3>\n${items.join('\n')}`;
}

const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'remark' };

function findingCard(result: Result): string {
  const findings = liveFindings(result).map(
    ({ message, severity, evidence }) =>
      `<li>${severity === result.severity ? '' : `<span class="${severity}">${words[severity]}:</span> `}${text(message)}${places(evidence)}</li>`,
  );
  const fix = result.fix ?? [];
  const commands =
    fix.length === 0
      ? ''
      : `<div class="fix"><pre><code>${fix.map(forXml).join('\n')}</code></pre><button type="button" data-copy data-script hidden aria-live="polite">Copy</button></div>`;
  return `<article class="card" data-severity="${result.severity}">
<h4><span class="badge ${result.severity}">${words[result.severity]}</span> <code>${text(result.ruleId)}</code></h4>
<ul>${findings.join('')}</ul>
${result.reason ? `<p>Note: ${text(result.reason)}</p>` : ''}<p><strong>Why</strong> ${text(result.rationale)}</p>
<p><strong>Fix</strong> ${text(result.remediation)}</p>
${commands}
</article>`;
}

function places(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return '';
  const items = evidence.slice(0, shownPlaces).map((place) => {
    const found = place.text?.trim();
    return `<li><code>${text(placeOf(place))}${found ? `: ${text(found)}` : ''}</code></li>`;
  });
  const more = evidence.length > shownPlaces ? `<li>and ${evidence.length - shownPlaces} more</li>` : '';
  return `<ul class="places">${items.join('')}${more}</ul>`;
}

function unknownCard({ ruleId, severity, title, reason }: Result): string {
  return `<article class="card" data-severity="unknown">
<h4><span class="badge unknown">undecided</span> <code>${text(ruleId)}</code> <span class="soft">(severity ${severity})</span></h4>
<p>${text(title)}</p>
<p><strong>Reason</strong> ${text(reason ?? 'not given')}</p>
</article>`;
}

function suppressed(image: ImageReport): string {
  const rows = suppressionsOf(image).map(({ ruleId, text: what, suppressed: { reason, expires } }) => {
    return [ruleId, what, `${reason}${expires === undefined ? '' : ` (until ${expires})`}`];
  });
  return details('suppressed', ['Rule', 'Finding', 'Reason'], rows);
}

function coverage(image: ImageReport): string {
  const rows = (outcome: Outcome) =>
    image.results
      .filter((result) => result.outcome === outcome)
      .map(({ ruleId, title, reason }) => [ruleId, reason ?? title]);
  return [
    details('passed', ['Rule', 'Good state'], rows('pass')),
    details('not applicable', ['Rule', 'Reason'], rows('not-applicable')),
    details('skipped', ['Rule', 'Reason'], rows('skipped')),
  ].join('\n');
}

function details(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const body = rows.map(([id = '', ...cells]) => {
    return `<tr><td><code>${text(id)}</code></td>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  });
  return `<details><summary>${rows.length} ${title}</summary><div class="scroll" tabindex="0"><table>
<thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div></details>`;
}
