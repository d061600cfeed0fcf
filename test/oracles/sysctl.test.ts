import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSysctlConf } from '../../src/formats/sysctl-conf.ts';
import { describeOracle, runProgram } from './oracle.ts';

const program = 'usr/lib/systemd/systemd-sysctl';

/**
 * Keys below names that /proc/sys does not have, so that systemd-sysctl says what it would set and sets nothing; each
 * sample has a name of its own, and all go through one process.
 */
const rest = fc.array(fc.constantFrom('a', 'b', '.', '/', 'c.', '/d'), { maxLength: 5 }).map((parts) => parts.join(''));
const value = fc
  .array(fc.constantFrom('1', ' ', '=', '#', ';', '-', 'x', '\t'), { maxLength: 5 })
  .map((parts) => parts.join(''));
const line = (name: string) =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom('', ' ', '-', '- ', '\t'), rest, fc.constantFrom('=', ' = ', '\t=', '= '), value)
      .map(([start, key, separator, text]) => `${start}${name}${key}${separator}${text}`),
    rest.map((key) => `-${name}${key}`),
    rest.map((key) => `${name}${key}`),
    fc.constantFrom('', '# x=1', ' ; y=2'),
  );

describeOracle('sysctl.d against systemd-sysctl', 'systemd-sysctl', [program], () => {
  it('sets the same values', () => {
    const samples = Array.from(
      { length: 300 },
      (_, index) =>
        fc.sample(fc.array(line(`vp${index}`), { minLength: 1, maxLength: 5 }), {
          numRuns: 1,
          seed: 20260101 + index,
        })[0] ?? [],
    ).map((lines) => `${lines.join('\n')}\n`);
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-sysctl-'));
    // The program runs as nobody.
    chmodSync(folder, 0o755);
    try {
      const files = samples.map((text, index) => {
        const file = join(folder, `${index}.conf`);
        writeFileSync(file, text);
        return file;
      });
      const { stderr } = runProgram(program, files, { env: { SYSTEMD_LOG_LEVEL: 'debug' }, unprivileged: true });
      const set = new Map(
        [...stderr.matchAll(/^Setting '\/proc\/sys\/(.*?)' to '(.*)'(?: \(ignoring.*)?$/gm)].map(
          ([, key = '', text = '']) => [key, text] as const,
        ),
      );
      let compared = 0;
      for (const text of samples) {
        const expected = new Map<string, string>();
        for (const { key, value: wanted } of parseSysctlConf(text).settings) {
          // systemd refuses paths that climb.
          if (key.split('/').includes('..')) continue;
          if (wanted === undefined) expected.delete(key);
          else expected.set(key, wanted);
        }
        const actual = new Map([...expected].map(([key]) => [key, set.get(key)]));
        expect({ text, actual: Object.fromEntries(actual) }).toEqual({ text, actual: Object.fromEntries(expected) });
        compared += expected.size;
      }
      const known = samples.flatMap((text) => parseSysctlConf(text).settings.map(({ key }) => key));
      expect([...set.keys()].filter((key) => !known.includes(key))).toEqual([]);
      expect(compared).toBeGreaterThan(200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
