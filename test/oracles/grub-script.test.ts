import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseGrubScript } from '../../src/formats/grub-script.ts';
import { describeOracle, runProgram } from './oracle.ts';

const program = 'usr/bin/grub-script-check';

const word = fc.constantFrom('a', '"b c"', "'d'", '$x', '"$y"', 'e=f', '\\ g', '-h');
const simple = fc
  .tuple(fc.constantFrom('echo', 'set', 'linux', 'initrd', '[', 'insmod'), fc.array(word, { maxLength: 3 }))
  .map(([name, words]) => [name, ...words].join(' '));
const separator = fc.constantFrom('\n', '; ', '\n\n', '\n# note\n');

const { list } = fc.letrec<{ list: string; command: string }>((tie) => ({
  list: fc
    .array(fc.tuple(tie('command'), separator), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map(([command, end]) => command + end).join('')),
  command: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    tie('list').map((body) => `if true; then ${body} fi`),
    fc
      .tuple(tie('list'), tie('list'))
      .map(([body, other]) => `if [ a ]; then ${body} elif b; then ${other} else ${body} fi`),
    tie('list').map((body) => `for i in a $b; do ${body} done`),
    tie('list').map((body) => `menuentry 'A b' --id x {\n${body}}`),
  ),
}));

const script = fc.tuple(list, list).map(([body, rest]) => `function f {\n${body}}\n${rest}`);

/** A letter taken out or put in: mostly a broken script. */
const broken = fc
  .tuple(list, fc.nat(), fc.constantFrom('', '{', '}', 'fi ', 'if ', '"', "'", 'done ', 'then '))
  .map(([text, at, piece]) => {
    const position = at % text.length;
    return text.slice(0, position) + piece + text.slice(position + 1);
  });

describeOracle('grub.cfg against grub-script-check', 'grub-script-check', [program], () => {
  it('has no complaint about what GRUB takes', () => {
    const samples = fc.sample(fc.oneof(list, script, broken), { numRuns: 90, seed: 20260101 });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-grub-'));
    const file = join(folder, 'grub.cfg');
    let taken = 0;
    try {
      for (const text of samples) {
        writeFileSync(file, text);
        const { status } = runProgram(program, [file]);
        if (status !== 0) continue;
        taken += 1;
        expect({ text, problems: parseGrubScript(text).problems }).toEqual({ text, problems: [] });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(taken).toBeGreaterThan(50);
  });
});
