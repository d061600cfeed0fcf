import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { renderHtml } from '../../src/reports/html.ts';
import { image, options, report, result } from './sample-report.ts';

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
const browserTest = browser === undefined ? test.skip.each : test.each;
const title = browser === undefined ? 'the HTML report (skipped: there is no Chromium)' : 'the HTML report';

const scratch = mkdtempSync(join(tmpdir(), 'html-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const pages = [
  [
    'of everything',
    report([image(), image({ label: 'db' })], {
      warnings: ['expired'],
      unscanned: [{ target: 'x', message: 'x: gone' }],
    }),
  ],
  [
    'of an image that passes',
    report([image({ verdict: 'pass', results: [result('a/b')] })], { verdict: 'pass', exitCode: 0 }),
  ],
] as const;

/** Runs a script in the page and gives what it leaves as the answer. */
function inBrowser(html: string, script: string, flags: readonly string[]): string {
  const file = join(scratch, 'page.html');
  writeFileSync(
    file,
    html.replace('</body>', () => `<script>${script}</script></body>`),
  );
  const { stdout, stderr } = spawnSync(
    browser ?? '',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${scratch}`,
      '--virtual-time-budget=20000',
      ...flags,
      '--dump-dom',
      `file://${file}`,
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const answer = /<html[^>]* data-answer="([^"]*)"/.exec(stdout)?.[1];
  if (answer === undefined) throw new Error(`the page gave no answer: ${stderr}`);
  return answer.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

const html = (of: (typeof pages)[number][1]) => renderHtml(of, options);

describe(title, () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  browserTest(
    pages.flatMap(([name, of]) =>
      [
        ['a desk', ['--window-size=1280,900']],
        ['a phone', ['--window-size=390,844']],
        ['a dark screen', ['--window-size=1280,900', '--blink-settings=preferredColorScheme=0']],
      ].map(([screen, flags]) => [name, screen, of, flags] as const),
    ) as readonly (readonly [string, string, (typeof pages)[number][1], readonly string[]])[],
  )(
    '%s has no barrier that axe knows of on %s, and no line wider than the screen',
    (_name, _screen, of, flags) => {
      const script = `${axe}
        axe.run().then(({ violations }) => {
          const wide = document.documentElement.scrollWidth - innerWidth;
          const found = violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | '));
          document.documentElement.dataset.answer = JSON.stringify({ found, wide: Math.max(0, wide) });
        });`;
      expect(JSON.parse(inBrowser(html(of), script, flags))).toEqual({ found: [], wide: 0 });
    },
    60_000,
  );

  browserTest([[pages[0]]])('filters by words and by severity', ([, of]) => {
    const script = `
      const shown = () => document.getElementById('shown').textContent;
      const before = shown();
      words.value = 'ROOT password';
      words.dispatchEvent(new Event('input'));
      const byWords = shown();
      words.value = '';
      document.querySelector('[data-level=error]').click();
      document.querySelector('[data-level=unknown]').click();
      document.documentElement.dataset.answer = JSON.stringify([before, byWords, shown()]);`;
    expect(JSON.parse(inBrowser(html(of), script, []))).toEqual(['8 of 8 shown', '2 of 8 shown', '4 of 8 shown']);
  });
});

it('is complete without its script', () => {
  const text = html(pages[0][1]).replace(/<script>.*<\/script>/s, '');
  expect(text).toContain('Provisioning.Agent is cloud-init, which is not installed');
});
