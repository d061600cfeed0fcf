import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSudoers } from '../../src/formats/sudoers.ts';
import { describeOracle, runProgram } from './oracle.ts';

const cvtsudoers = 'usr/bin/cvtsudoers';

const flag = fc.constantFrom(
  'targetpw',
  '!targetpw',
  '! targetpw',
  '!!rootpw',
  'runaspw',
  '!rootpw',
  'env_reset',
  '!lecture',
);
const binding = fc.constantFrom('', '', '', ':ALL', ':alice', ': %wheel', ':alice, bob', ':!alice, ALL');
const comment = fc.constantFrom('', '', ' # targetpw', '#targetpw');
const comma = fc.constantFrom(',', ', ', ' ,', ', \\\n  ');
const defaults = fc
  .tuple(
    fc.constantFrom('', ' '),
    binding,
    fc.constantFrom(' ', '\t'),
    fc.array(flag, { minLength: 1, maxLength: 3 }),
    comma,
    comment,
  )
  .map(([start, bound, gap, flags, separator, end]) => `${start}Defaults${bound}${gap}${flags.join(separator)}${end}`);
const line = fc.oneof(
  { weight: 5, arbitrary: defaults },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '# Defaults targetpw',
      '#Defaults targetpw',
      'root ALL=(ALL) ALL',
      'Defaults>root targetpw',
      'Defaults@web1 rootpw',
    ),
  },
);
const texts = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`);

interface Setting {
  readonly users: readonly string[];
  readonly flags: readonly string[];
}

interface Json {
  readonly Defaults?: readonly {
    readonly Binding?: readonly Readonly<Record<string, string | boolean>>[];
    readonly Options: readonly Readonly<Record<string, unknown>>[];
  }[];
}

function ofSudo(json: Json): readonly Setting[] {
  return (json.Defaults ?? []).flatMap(({ Binding, Options }) => {
    const members = (Binding ?? []).map(({ negated, ...rest }) => ({
      kind: Object.keys(rest)[0] ?? '',
      value: String(Object.values(rest)[0]),
      negated,
    }));
    // Settings for hosts and run-as users are left out by our reader.
    if (members.some(({ kind }) => kind === 'hostname' || kind === 'hostalias')) return [];
    const users = members.map(
      ({ kind, value, negated }) => `${negated ? '!' : ''}${kind === 'usergroup' ? '%' : ''}${value}`,
    );
    const flags = Options.flatMap((option) => Object.entries(option)).map(
      ([name, value]) => `${value === false ? '!' : ''}${name}`,
    );
    return [{ users, flags }];
  });
}

function ours(text: string): readonly Setting[] {
  return parseSudoers(text).statements.flatMap((statement) => {
    if (statement.kind !== 'defaults') return [];
    const users = (statement.users ?? []).map(({ name, negated }) => `${negated ? '!' : ''}${name}`);
    return [{ users, flags: statement.settings.map(({ name, negated }) => `${negated ? '!' : ''}${name}`) }];
  });
}

describeOracle('Defaults of sudoers', 'cvtsudoers', [cvtsudoers], () => {
  test('flags and users of 300 generated files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-defaults-'));
    try {
      // One file holds every sample: no line bears on another.
      const text = fc.sample(texts, { numRuns: 300, seed: 20260104 }).join('');
      const path = join(folder, 'sudoers');
      // Settings for run-as users come back without that mark: they are taken out before.
      writeFileSync(path, text.replaceAll(/^Defaults>.*$/gm, ''), { mode: 0o440 });
      const { stdout } = runProgram(cvtsudoers, ['-c', '/dev/null', '-f', 'json', path]);
      const settings = ours(text);
      expect(settings.length).toBeGreaterThan(500);
      expect(settings).toEqual(ofSudo(JSON.parse(stdout) as Json));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
