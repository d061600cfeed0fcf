import { imageStandardTests, type LisaTests, lisaTestsAsOf, otherLisaTests } from '../data/lisa-tests.ts';
import type { Rule } from '../engine/define.ts';
import { forMarkdown, forMarkdownCode } from '../reports/escape.ts';
import { page, ruleLinks, table } from './markdown.ts';

/** What of LISA can be predicted from a root file system, and by which rules. */
export function lisaIndex(rules: readonly Rule[]): string {
  const predicted = imageStandardTests.filter((tests) => rulesFor(tests, rules).length > 0).length;
  return page([
    '# What of LISA can be predicted offline',
    `LISA (<https://github.com/microsoft/lisa>) is Microsoft's suite of tests for Linux images; it runs them on a virtual machine that was made from the image. The tables tell what of it the rules say before that, from the image alone. The tests are those of ${lisaTestsAsOf}; tier N of LISA runs the priorities (P) 0 to N.`,
    `Rules predict ${predicted} of the ${imageStandardTests.length} tests of azure_image_standard, in part where the last column says what is left. A rule judges what takes effect, where LISA often searches for a line: the rule can be right where LISA is not.`,
    '## azure_image_standard',
    tableOf(imageStandardTests, rules),
    '## Other suites',
    'Those tests whose result depends on what is in the image. All that are not listed need a running virtual machine.',
    tableOf(otherLisaTests, rules),
  ]);
}

function tableOf(list: readonly LisaTests[], rules: readonly Rule[]): string {
  const rows = list.map((entry) => [
    Object.keys(entry.tests).map(forMarkdownCode).join(', '),
    [...new Set(Object.values(entry.tests))].sort().join(', '),
    forMarkdown(entry.looksAt),
    ruleLinks(rulesFor(entry, rules)) || 'no rule',
    forMarkdown(entry.onlyRunning ?? 'nothing'),
  ]);
  return table(['Test', 'P', 'What it looks at', 'Predicted by', 'What only a running virtual machine shows'], rows);
}

function rulesFor({ tests }: LisaTests, rules: readonly Rule[]): readonly string[] {
  return rules
    .filter(({ lisa }) => lisa.some((name) => Object.hasOwn(tests, name)))
    .map(({ id }) => id)
    .sort();
}
