import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseUdevRules } from '../../src/formats/udev-rules.ts';
import { describeOracle, oraclePath, rootOfNewest, runProgram } from './oracle.ts';

const udevadm = 'usr/bin/udevadm';
const shipped = 'usr/lib/udev/rules.d';
/** It verifies rules only since systemd 254. */
const root = rootOfNewest(udevadm);

/** What `udevadm verify` says of rules that udev keeps: of their values, or that they contradict themselves. */
const ofKeptRules =
  /^style:|assuming|no matching label|has no effect any more|conflicting match|duplicate expressions|Contains multiple|Invalid value|must be specified as|Reordering RESULT|may not be available|may break in future/;

/** Lines that `udevadm verify` calls dropped; it names the last line of a rule. */
function droppedByUdev(files: readonly string[]): ReadonlyMap<string, ReadonlySet<number>> {
  const { stderr, stdout } = runProgram(udevadm, ['verify', '--no-style', '--resolve-names=never', ...files], {
    root,
  });
  const dropped = new Map<string, Set<number>>(files.map((file) => [file, new Set()]));
  for (const line of `${stderr}\n${stdout}`.split('\n')) {
    const [, file = '', number, message = ''] = /^(\S+\.rules):(\d+) (.*)$/.exec(line) ?? [];
    if (number !== undefined && !ofKeptRules.test(message)) dropped.get(file)?.add(Number(number));
  }
  return dropped;
}

const keys = [
  ...['ACTION', 'DEVPATH', 'KERNEL', 'SYMLINK', 'NAME', 'ENV', 'CONST', 'TAG', 'TAGS', 'SUBSYSTEM', 'DRIVER', 'ATTR'],
  ...['SYSCTL', 'KERNELS', 'SUBSYSTEMS', 'DRIVERS', 'ATTRS', 'TEST', 'PROGRAM', 'IMPORT', 'RESULT', 'OPTIONS'],
  ...['OWNER', 'GROUP', 'MODE', 'SECLABEL', 'RUN', 'GOTO', 'LABEL', 'BUS', 'name', ''],
];
const chosenAttributes: Readonly<Record<string, string>> = {
  CONST: 'arch',
  TEST: '0644',
  IMPORT: 'db',
  RUN: 'program',
};
const values: Readonly<Record<string, string>> = {
  OPTIONS: 'watch',
  OWNER: '0',
  GROUP: '0',
  MODE: '0600',
  NAME: 'eth1',
};

const token = fc
  .record({
    key: fc.constantFrom(...keys),
    braces: fc.constantFrom('fitting', 'none', 'empty', 'other'),
    before: fc.constantFrom('', '', ' ', '\t'),
    operator: fc.constantFrom('==', '!=', '=', '+=', '-=', ':=', '~='),
    after: fc.constantFrom('', '', ' '),
    prefix: fc.constantFrom('', '', '', 'e', 'i', 'ei', 'ie', 'ee', 'x'),
    value: fc.constantFrom('usual', 'usual', '', 'a\\"b', 'a\\\\', 'a\\tb', 'a\\qb', '%k', 'a|b*'),
  })
  .map(({ key, braces, before, operator, after, prefix, value }) => {
    const attribute = { fitting: `{${chosenAttributes[key] ?? 'x'}}`, none: '', empty: '{}', other: '{y}' }[braces];
    return `${key}${attribute}${before}${operator}${after}${prefix}"${value === 'usual' ? (values[key] ?? 'y') : value}"`;
  });
const separator = fc.constantFrom(', ', ', ', ',', ' ', '', ',,', ', \\\n  ', '\\\n# remark\n', '\n', '\r\n', '; ');
const good = fc.constantFrom(
  ...[
    'ACTION!="remove"',
    'KERNEL=="sd*[0-9]"',
    'SUBSYSTEM==i"NET"',
    'DRIVERS=="hv_netvsc"',
    'ATTR{x}!="y"',
    'TAG-="x"',
  ],
  ...['ATTRS{x}=="y|z"', 'TEST{0644}=="/x"', 'TEST!="/x"', 'CONST{arch}=="x86-64"', 'ENV{x}+="y"', 'ENV{.x}==""'],
  ...['SYMLINK+="a b"', 'NAME="eth1"', 'PROGRAM=="x %k"', 'RESULT=="a"', 'IMPORT{cmdline}="x"', 'IMPORT{program}!="x"'],
  ...[
    'OPTIONS+="link_priority=10"',
    'OWNER:="0"',
    'MODE="0600"',
    'SECLABEL{x}="y"',
    'RUN+="x"',
    'RUN{builtin}+="kmod"',
  ],
  ...['GOTO="end"', 'LABEL="end"', 'SYSCTL{x}="y"', 'ATTR{x}=e"a\\tb"'],
);
const rule = fc
  .array(
    fc.tuple(
      fc.oneof({ arbitrary: good, weight: 6 }, { arbitrary: token, weight: 1 }),
      fc.oneof(
        { arbitrary: fc.constantFrom(', ', ',', ' ', ', \\\n  '), weight: 6 },
        { arbitrary: separator, weight: 1 },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.flat().join(''))
  .map((text) => `${text}\n`);

describeOracle('udev rules beside udevadm verify', 'udevadm', [udevadm, shipped], () => {
  const version = Number(/\d+/.exec(runProgram(udevadm, ['--version'], { root }).stdout)?.[0] ?? 0);

  it('keeps every rule that the distribution ships', () => {
    for (const folder of new Set([oraclePath(shipped), oraclePath(shipped, root)])) {
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.rules'))) {
        const { problems } = parseUdevRules(readFileSync(join(folder, name), 'utf8'));
        expect({ name, problems }).toEqual({ name, problems: [] });
      }
    }
  });

  if (version < 254) {
    const reason = `udevadm ${version} knows no verify, which came with 254`;
    process.stderr.write(`skipped: ${reason}\n`);
    test.skip(reason, () => undefined);
    return;
  }

  it('drops the same rules', () => {
    const directory = mkdtempSync(join(tmpdir(), 'udev-rules-'));
    try {
      const samples = fc.sample(rule, { numRuns: 1500, seed: 20_260_101 });
      const files = samples.map((text, index) => {
        const path = join(directory, `${index}.rules`);
        writeFileSync(path, text);
        return path;
      });
      const dropped = droppedByUdev(files);
      const differing = samples.flatMap((text, index) => {
        const found = parseUdevRules(text).problems;
        const expected = dropped.get(files[index] ?? '')?.size;
        return found.length === expected ? [] : [{ text, found, expected }];
      });
      expect(differing).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
