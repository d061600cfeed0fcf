import { describe, expect, test } from '@jest/globals';
import { property, assert as propertyHolds, string } from 'fast-check';
import { parseUdevRules, udevMatches } from '../../src/formats/udev-rules.ts';

const tokensOf = (text: string) =>
  parseUdevRules(text).rules.flatMap(({ tokens }) =>
    tokens.map(
      ({ key, attribute, operator, value }) =>
        `${key}${attribute === undefined ? '' : `{${attribute}}`}${operator}${value}`,
    ),
  );

describe('parseUdevRules', () => {
  test.each([
    ['SUBSYSTEM!="block", GOTO="azure_disk_end"', ['SUBSYSTEM!=block', 'GOTO=azure_disk_end']],
    ['  ATTRS{ID_VENDOR}=="Msft", ENV{fabric}="root"  ', ['ATTRS{ID_VENDOR}==Msft', 'ENV{fabric}=root']],
    ['KERNEL=="sda" ,, MODE := "0600"', ['KERNEL==sda', 'MODE:=0600']],
    ['SYMLINK+="disk/azure/root" TAG-="systemd"', ['SYMLINK+=disk/azure/root', 'TAG-=systemd']],
    ['ATTR{a b}="x"', ['ATTR{a b}=x']],
    ['RUN+="/bin/sh -c \\"echo hi\\""', ['RUN+=/bin/sh -c "echo hi"']],
    ['ENV{A}=e"\\t\\x41\\"\\s"', ['ENV{A}=\tA" ']],
    ['NAME=="eth0", ENV{B}="1"', ['NAME==eth0', 'ENV{B}=1']],
    ['KERNEL==i"SDA", RUN="x"', ['KERNEL==SDA', 'RUN=x']],
    ['TEST=="/x", PROGRAM="/bin/y"', ['TEST==/x', 'PROGRAM=/bin/y']],
    ['IMPORT{builtin}="net_id"', ['IMPORT{builtin}=net_id']],
    ['KERNEL=="sda", \\\n   # a remark\n   RUN="x"', ['KERNEL==sda', 'RUN=x']],
    ['LABEL="end"', ['LABEL=end']],
    ['\n#RUN="x"\n', []],
  ])('%j', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens);
    expect(parseUdevRules(text).problems).toEqual([]);
  });

  test.each([
    ['KERNEL=="sda"', 'the rule has no effect'],
    ['KERNEL="sda", RUN="x"', 'KERNEL does not take ='],
    ['kernel=="sda", RUN="x"', 'udev knows no key "kernel"'],
    ['ENV=="sda", RUN="x"', 'ENV needs a name in braces'],
    ['KERNEL{x}=="sda", RUN="x"', 'KERNEL takes no {x}'],
    ['RUN{}+="x"', 'RUN does not know {}'],
    ['RUN{shell}+="x"', 'RUN does not know {shell}'],
    ['IMPORT{x}="y"', 'IMPORT does not know {x}'],
    ['CONST{os}=="y", RUN="x"', 'CONST does not know {os}'],
    ['TEST{rw}=="/x", RUN="x"', 'TEST does not know {rw}'],
    ['RUN="x', 'the value of RUN has no closing quote'],
    ['RUN="x\\"', 'the value of RUN has no closing quote'],
    ["RUN='x'", 'no KEY="value" at "RUN=\'x\'"'],
    ['RUN=x', 'no KEY="value" at "RUN=x"'],
    ['RUN="x", nonsense', 'no KEY="value" at "nonsense"'],
    ['RUN="x" # a remark', 'no KEY="value" at "# a remark"'],
    ['NAME="%k"', 'NAME="%k" has no effect'],
    ['NAME=""', 'NAME="" has no effect'],
    ['ATTR{x}-="1"', 'ATTR does not take -='],
    ['RUN=="x"', 'RUN does not take =='],
    ['GOTO+="x"', 'GOTO does not take +='],
    ['RUN=i"x"', 'RUN= does not take the prefix i'],
    ['ENV{A}=e"\\q"', 'the value of ENV has an escape that udev refuses'],
    ['ENV{A}=e"\\x00"', 'the value of ENV has an escape that udev refuses'],
    ['PROGRAM==i"x"', 'PROGRAM does not take the prefix i'],
    ['RUN=ee"x"', 'no KEY="value" at "RUN=ee\\"x\\""'],
    ['RUN="x" \\', 'the file ends within the rule'],
    ['\uFEFFRUN="x"', 'udev knows no key "\uFEFFRUN"'],
  ])('drops %j', (text, message) => {
    expect(parseUdevRules(text)).toEqual({ rules: [], problems: [{ line: 1, message }] });
  });

  test('a dropped rule does not take its neighbours along, and rules know their first line', () => {
    const { rules, problems } = parseUdevRules('RUN="a"\nfoo\n\nTAG=="x", \\\n\\\nRUN="b"\r\nRUN="c"');
    expect(rules.map(({ line }) => line)).toEqual([1, 4, 7]);
    expect(problems.map(({ line }) => line)).toEqual([2]);
    expect(rules[1]?.text).toBe('TAG=="x", RUN="b"');
  });

  test('any text is read, and line numbers lie inside it', () => {
    propertyHolds(
      property(string({ unit: 'binary' }), (text) => {
        const { rules, problems } = parseUdevRules(text);
        for (const { line } of [...rules, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split(/\r\n|\n\r|\n|\r|\0/).length);
        }
      }),
    );
  });
});

describe('udevMatches', () => {
  const ask = (token: string, text: string) => {
    const [parsed] = parseUdevRules(`${token}, RUN="x"`).rules[0]?.tokens ?? [];
    if (!parsed) throw new Error(`${token} is no match`);
    return udevMatches(parsed, text);
  };

  test.each([
    ['KERNEL=="sd[a-d]|nvme*"', 'sdb', true],
    ['KERNEL=="sd[a-d]|nvme*"', 'nvme0n1', true],
    ['KERNEL=="sd[a-d]|nvme*"', 'sde', false],
    ['KERNEL!="sd*"', 'sda', false],
    ['KERNEL!="sd*"', 'vda', true],
    ['DRIVERS=="?*"', '', false],
    ['DRIVERS=="?*"', 'x', true],
    ['ENV{A}==""', '', true],
    ['ENV{A}=="a|"', '', true],
    ['KERNEL=="SDA"', 'sda', false],
    ['KERNEL==i"SDA"', 'sda', true],
    ['DEVPATH=="*/a"', '/x/.y/a', true],
    ['KERNEL=="*"', '.hidden', true],
  ])('%s holds for %j: %s', (token, text, expected) => {
    expect(ask(token, text)).toBe(expected);
  });
});
