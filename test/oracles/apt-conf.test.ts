import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAptConf } from '../../src/formats/apt-conf.ts';
import { describeOracle, runProgram } from './oracle.ts';

const aptConfig = 'usr/bin/apt-config';

const name = fc.constantFrom('Zz::http::Proxy', 'Zz::Proxy', 'http', 'https::Proxy', 'Proxy');
const value = fc.constantFrom('http://p:1', 'DIRECT', 'a b', 'x//y', '1');
const comment = fc.constantFrom('', '', '// Zz::No "n";\n', '# Zz::No "n";\n', '/* Zz::No\n "n"; */');
const setting = fc.tuple(comment, name, value).map(([before, key, text]) => `${before}${key} "${text}";`);
const scope = fc
  .tuple(fc.constantFrom('Zz', 'Zz::http', 'http'), fc.array(setting, { maxLength: 3 }), fc.constantFrom(' ', '\n'))
  .map(([key, settings, space]) => `${key}${space}{${space}${settings.join(space)}${space}};`);
const file = fc
  .array(fc.oneof(setting, scope), { minLength: 1, maxLength: 4 })
  .map((parts) => `Zz {\n${parts.join('\n')}\n};\n`);

describeOracle('settings of apt beside apt-config', 'apt-config', [aptConfig], () => {
  it('reads the same values', () => {
    const directory = mkdtempSync(join(tmpdir(), 'apt-conf-'));
    try {
      for (const [index, text] of fc.sample(file, { numRuns: 60, seed: 20_260_102 }).entries()) {
        const path = join(directory, `${index}.conf`);
        writeFileSync(path, text);
        const env = { APT_CONFIG: path, HOME: directory };
        const { stdout } = runProgram(
          aptConfig,
          ['-o', 'Dir::Etc::parts=/absent', '-o', 'Dir::Etc::main=/absent', 'dump'],
          { env },
        );
        const expected = new Map(
          [...stdout.matchAll(/^(Zz::\S+) "(.*)";$/gm)]
            .map(([, key = '', text_ = '']): [string, string] => [key, text_])
            .filter(([, text_]) => text_ !== ''),
        );
        const found = new Map(parseAptConf(text).map(({ name: key, value: text_ }) => [key, text_]));
        expect({ text, found: Object.fromEntries(found) }).toEqual({ text, found: Object.fromEntries(expected) });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
