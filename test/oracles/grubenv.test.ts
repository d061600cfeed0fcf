import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseGrubEnvironment } from '../../src/formats/grubenv.ts';
import { describeOracle, runProgram } from './oracle.ts';

const editor = 'usr/bin/grub-editenv';

describeOracle('grubenv against grub-editenv', 'grub-editenv', [editor], () => {
  it('reads back what grub-editenv writes', () => {
    const name = fc.constantFrom('saved_entry', 'kernelopts', 'next_entry', 'a');
    const value = fc
      .array(fc.constantFrom('a', ' ', '=', '\\', '#', '\n', '"', '>', 'ä'), { maxLength: 12 })
      .map((pieces) => pieces.join(''));
    const samples = fc.sample(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 4 }), {
      numRuns: 40,
      seed: 20260101,
    });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-grubenv-'));
    try {
      for (const [index, sample] of samples.entries()) {
        const file = join(folder, String(index));
        const { status, stderr } = runProgram(editor, [file, 'set', ...sample.map((pair) => pair.join('='))]);
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        const { variables, problems } = parseGrubEnvironment(readFileSync(file, 'utf8'));
        const actual = Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
        expect({ sample, actual, problems }).toEqual({ sample, actual: Object.fromEntries(sample), problems: [] });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
