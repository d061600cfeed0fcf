import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseShellAssignments } from '../../src/formats/shell-assignments.ts';
import { describeOracle } from './oracle.ts';

const keys = ['A', 'B', 'C'] as const;

/** Pieces without commands, so that sourcing a sample is harmless. */
const piece = fc.constantFrom(
  'a',
  'b ',
  ' ',
  '"',
  "'",
  '\\',
  '#',
  '$A',
  '$',
  '\\"',
  '\\\\',
  '\\$',
  '\\\n',
  '=',
  'ä',
  '\t',
);
const word = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const line = fc.oneof(
  fc.tuple(fc.constantFrom(...keys), word).map((parts) => parts.join('=')),
  fc.tuple(fc.constantFrom(...keys), word).map(([key, value]) => `${key}="${value}"`),
  fc.tuple(fc.constantFrom(...keys), word).map(([key, value]) => `export ${key}='${value}'`),
  fc.constantFrom('# A=b', '', '  A=indented', 'A=1; B=2'),
);

/** What a shell has after reading the text; undefined where it gives up. */
function source(samples: readonly string[]): (Record<string, string> | undefined)[] {
  const script = samples
    .map((text) => {
      const quoted = `'${text.replaceAll("'", "'\\''")}'`;
      const show = keys.map((key) => `"\${${key}-}"`).join(' ');
      return `(PATH=/nowhere; eval ${quoted} && printf '%s\\037' ${show}) 2>/dev/null; printf '\\036'`;
    })
    .join('\n');
  const { stdout } = spawnSync('/bin/sh', [], { input: script, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .split('\x1e')
    .slice(0, -1)
    .map((record) => {
      const fields = record.split('\x1f');
      return fields.length <= keys.length
        ? undefined
        : Object.fromEntries(keys.map((key, index) => [key, fields[index] ?? '']));
    });
}

describeOracle('shell assignments against the shell', '/bin/sh', [], () => {
  it('agree wherever the shell takes every line', () => {
    const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => `${lines.join('\n')}\n`);
    // Positional and special parameters are no matter of these files.
    const samples = fc.sample(
      text.filter((sample) => !/\$["'\\$#=\s]/.test(sample)),
      { numRuns: 600, seed: 20260101 },
    );
    const shell = source(samples);
    let compared = 0;
    for (const [index, sample] of samples.entries()) {
      const { byKey, problems } = parseShellAssignments(sample, { expand: () => undefined });
      const expected = shell[index];
      if (expected === undefined || problems.length > 0) continue;
      compared += 1;
      const actual = Object.fromEntries(keys.map((key) => [key, byKey.get(key)?.value ?? '']));
      expect({ sample, values: actual }).toEqual({ sample, values: expected });
    }
    expect(compared).toBeGreaterThan(200);
  });

  it('agree on what the shell refuses', () => {
    const samples = ['A="b', "A='b\nB=c", 'A=b c', 'A = b'];
    expect(source(samples)).toEqual([undefined, undefined, undefined, undefined]);
    for (const sample of samples) expect(parseShellAssignments(sample).problems.length).toBeGreaterThan(0);
  });
});
