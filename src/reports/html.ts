import type { Report, Severity } from '../engine/model.ts';
import { runProblems } from './alerts.ts';
import { forXmlAttribute } from './escape.ts';
import { imageSection } from './html/image.ts';
import { script } from './html/script.ts';
import { style } from './html/style.ts';
import type { ReportOptions } from './index.ts';

const text = forXmlAttribute;

/** One file that needs nothing else: no network, no fonts, and it can be read and printed without its script. */
export function renderHtml(report: Report, { exitMeaning }: ReportOptions): string {
  const title = `${report.verdict}: ${report.images.map(({ label }) => label).join(', ') || report.tool.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1><span class="badge ${report.verdict}">${report.verdict.toUpperCase()}</span> Will it boot and provision in Azure?</h1>
<p>Exit code ${report.exitCode}: ${text(exitMeaning)}.</p>
${list('error', runProblems(report.images, report.unscanned))}
${list('warning', report.warnings ?? [])}
${overview(report)}
${filter(report)}
</header>
<main>${report.images.map(imageSection).join('\n')}
</main>
<footer><p class="soft">${text(report.tool.name)} ${text(report.tool.version)}. Fixes are for a person to review and run; nothing was changed in the image.</p></footer>
<script>${script}</script>
</body>
</html>
`;
}

function list(kind: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul class="${kind}">${lines.map((line) => `<li>${text(line)}</li>`).join('')}</ul>`;
}

function overview({ images }: Report): string {
  if (images.length < 2) return '';
  const rows = images.map(({ label, verdict, counts }, index) => {
    const numbers = [counts.error, counts.warning, counts.info, counts.unknown];
    const cells = numbers.map((number) => `<td class="number">${number}</td>`).join('');
    return `<tr><td><a href="#image-${index}">${text(label)}</a></td><td class="badge ${verdict}">${verdict}</td>${cells}</tr>`;
  });
  const head = ['Errors', 'Warnings', 'Remarks', 'Undecided'];
  return `<nav class="scroll" aria-label="Images" tabindex="0"><table>
<thead><tr><th scope="col">Image</th><th scope="col">Verdict</th>${head.map((word) => `<th scope="col" class="number">${word}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></nav>`;
}

const levels: readonly (readonly [Severity | 'unknown', string])[] = [
  ['error', 'errors'],
  ['warning', 'warnings'],
  ['info', 'remarks'],
  ['unknown', 'undecided'],
];

function filter({ images }: Report): string {
  const results = images.flatMap((image) => image.results).filter(({ suppressed }) => !suppressed);
  if (!results.some(({ outcome }) => outcome === 'fail' || outcome === 'unknown')) return '';
  const boxes = levels.map(
    ([level, word]) => `<label><input type="checkbox" data-level="${level}" checked> ${word}</label>`,
  );
  return `<form class="filter" data-script hidden><fieldset><legend>Show</legend>
<label>Words <input type="search" id="words"></label>
${boxes.join('\n')}
<output id="shown" aria-live="polite"></output>
</fieldset></form>`;
}
