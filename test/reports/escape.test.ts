import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { forJson, forMarkdown, forMarkdownCode, forTerminal } from '../../src/reports/escape.ts';

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(':', '#', '[', 'v', 's', 'o', ' ', '\n', '\u001b'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** What a runner of GitHub or Azure Pipelines takes for a command. */
const command = /^\s*::|##\[|##vso\[/im;
/** What must never reach a terminal or a log. */
const control = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/u;

describe('forTerminal', () => {
  test.each([
    ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['a\nb\r\nc', 'a\\nb\\r\\nc'],
    ['tab\there', 'tab here'],
    ['right\u202eleft', 'right\\u202eleft'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['\udcff.conf', '\\xff.conf'],
    ['::error::x', '\\x3a:error::x'],
    ['a ::set-output name=x::y', 'a \\x3a:set-output name=x::y'],
    ['##[error]x', '#\\x23[error]x'],
    ['a##vso[task.setvariable variable=x]y', 'a#\\x23vso[task.setvariable variable=x]y'],
    ['###[group]', '##\\x23[group]'],
    ['root:*:19000:0:99999:7:::', 'root:*:19000:0:99999:7:::'],
    ['fe80::1 and größe 大 👍', 'fe80::1 and größe 大 👍'],
    ['## heading # [x]', '## heading # [x]'],
  ])('%j → %j', (text, escaped) => {
    expect(forTerminal(text)).toBe(escaped);
  });

  it('lets no control character and no command of a CI runner through, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = forTerminal(text);
        expect(escaped).not.toMatch(control);
        expect(escaped).not.toMatch(command);
        for (const word of escaped.split(' ')) expect(word).not.toMatch(command);
      }),
      { seed: 1, numRuns: 400 },
    );
  });
});

describe('forJson', () => {
  it('lets nothing through either, and changes nothing of the meaning', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = forJson(JSON.stringify({ [text]: [text] }, undefined, 2));
        expect(json.replaceAll('\n', '')).not.toMatch(control);
        expect(json).not.toMatch(command);
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
      }),
      { seed: 1, numRuns: 400 },
    );
  });
});

describe('Markdown', () => {
  test.each([
    ['a|b *c* <script> [x](y) `z`', 'a\\|b \\*c\\* \\<script\\> \\[x\\](y) \\`z\\`'],
    ['snake_case _x_', 'snake_case \\_x\\_'],
  ])('forMarkdown %j → %j', (text, escaped) => {
    expect(forMarkdown(text)).toBe(escaped);
  });

  test.each([
    ['/etc/*.conf', '`/etc/*.conf`'],
    ['a `b` c', '``a `b` c``'],
    ['`x`', '`` `x` ``'],
  ])('forMarkdownCode %j → %j', (text, escaped) => {
    expect(forMarkdownCode(text)).toBe(escaped);
  });
});

test('a unit instance in Markdown is code, not the mail address that GitHub takes it for', () => {
  expect(forMarkdown('Unmask serial-getty@ttyS0.service *now*')).toBe('Unmask `serial-getty@ttyS0.service` \\*now\\*');
});
