import { describe, expect, it, test } from '@jest/globals';
import { type GrubCommand, type GrubWord, parseGrubScript } from '../../src/formats/grub-script.ts';

/** A variable stands between angle brackets, in quotes as it was. */
const wordText = (word: GrubWord): string =>
  word
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return part.quoted ? `"<${part.name}>"` : `<${part.name}>`;
    })
    .join('');
const line = (words: readonly GrubWord[]) => words.map(wordText).join(' ');

/** The commands one line each, with the number of the line where each begins, and with what they hold indented. */
const outline = (commands: readonly GrubCommand[]): string[] => commands.flatMap(outlineOne);
const within = (title: string, inner: readonly GrubCommand[]) => [title, ...outline(inner).map((text) => `  ${text}`)];

function outlineOne(command: GrubCommand): string[] {
  switch (command.kind) {
    case 'simple':
      return within(`${command.line} ${line(command.words)}`, command.block ?? []);
    case 'function':
      return within(`${command.line} function ${command.name}`, command.body);
    case 'loop':
      return [
        ...within(`${command.line} loop ${line(command.words)}`, command.condition),
        ...within('do', command.body),
      ];
    case 'if':
      return [
        `${command.line} if`,
        ...command.branches.flatMap(({ condition, body }) => [...within('when', condition), ...within('then', body)]),
        ...within('else', command.otherwise),
      ];
  }
}

const outlineOf = (text: string) => outline(parseGrubScript(text).commands);
const problemsOf = (text: string) =>
  parseGrubScript(text).problems.map((problem) => `${problem.line} ${problem.message}`);

describe("GRUB's script language", () => {
  test.each<[string, string, readonly string[]]>([
    ['blanks and ends of lines', 'a\tb\r\nc  d\n\n e', ['1 a b', '2 c d', '4 e']],
    ['what ends a command', 'a;b|c&d<e>f', ['1 a', '1 b', '1 c', '1 d', '1 e', '1 f']],
    ['a comment', '# a\nb # c\nd#e #', ['2 b', '3 d#e']],
    ['an empty comment', '#\n#', []],
    ['a line that goes on', 'a b\\\nc \\\n d\ne', ['1 a bc d', '4 e']],
    ['quotes', `a 'b  c' "d  e" f'g'"h"i ''`, ['1 a b  c d  e fghi ']],
    ['quotes over lines', `a 'b\nc' "d\ne"\nf`, ['1 a b\nc d\ne', '4 f']],
    ['a quote that begins a command', `'a\nb' c\nd`, ['1 a\nb c', '3 d']],
    ['escapes', 'a \\  \\\\ \\" b\\c', ['1 a   \\ " bc']],
    ['escapes between double quotes', 'a "\\$b \\" \\\\ \\c \\\' \\\nd"\ne', ['1 a $b " \\ \\c \\\' d', '3 e']],
    ['no escapes between single quotes', `a '\\"' '\\\\' 'b\\\n$c'\nd`, ['1 a \\" \\\\ b\\\n$c', '3 d']],
    ['the other quote', `a "it's" 'say "x"'`, ['1 a it\'s say "x"']],
    ['variables', `a $b\${c}d$1 $12 \${3} $? \${#}`, ['1 a <b><c>d<1> <12> <3> <?> <#>']],
    ['variables in quotes', `a "$b \${c}" '$d'`, ['1 a "<b>" "<c>" $d']],
    ['a variable with a long name', `a $${'b'.repeat(300)}c`, [`1 a <${'b'.repeat(300)}c>`]],
    ['a dollar that begins no variable', 'a $ b$ "$" $- $-$c "-$d"', ['1 a $ b$ $ $- $-<c> -"<d>"']],
    ['a block', 'a b { c; d\n}\ne', ['1 a b', '  1 c', '  1 d', '3 e']],
    ['a block in a block', 'a { b { c; }; }', ['1 a', '  1 b', '    1 c']],
    ['if', 'if a\nthen b; fi; c', ['1 if', 'when', '  1 a', 'then', '  2 b', 'else', '2 c']],
    [
      'elif and else',
      'if a; then b; elif c; d; then e; elif f; then g; else h; i; fi',
      [
        '1 if',
        ...['when', '  1 a', 'then', '  1 b'],
        ...['when', '  1 c', '  1 d', 'then', '  1 e'],
        ...['when', '  1 f', 'then', '  1 g'],
        ...['else', '  1 h', '  1 i'],
      ],
    ],
    ['for', 'for a in b $c; do d; done; e', ['1 loop a in b <c>', 'do', '  1 d', '1 e']],
    ['for over lines', 'for a in b\n\ndo\nc\ndone', ['1 loop a in b', 'do', '  4 c']],
    ['while', 'while a; b; do c; done; d', ['1 loop ', '  1 a', '  1 b', 'do', '  1 c', '1 d']],
    ['until', 'until a; do b; done', ['1 loop ', '  1 a', 'do', '  1 b']],
    ['a function', 'function a { b; c; }; d', ['1 function a', '  1 b', '  1 c', '1 d']],
    ['a function over lines', 'function a\n\n{\nb\n}\nc', ['1 function a', '  4 b', '6 c']],
    [
      'words of the language as arguments',
      'if a fi then; then b if else done; fi',
      ['1 if', 'when', '  1 a fi then', 'then', '  1 b if else done', 'else'],
    ],
    [
      'words of the language that are quoted, escaped or longer',
      `if a; then "fi"; 'else'; \\elif; fi$x; $fi; fifi; fi`,
      ['1 if', 'when', '  1 a', 'then', '  1 fi', '  1 else', '  1 elif', '  1 fi<x>', '  1 <fi>', '  1 fifi', 'else'],
    ],
    ['a brace that is escaped', 'a { b \\} c; }', ['1 a', '  1 b } c']],
  ])('has %s', (_, text, expected) => {
    expect(outlineOf(text)).toEqual(expected);
    expect(problemsOf(text)).toEqual([]);
  });

  it('keeps what a quote leaves empty apart from nothing', () => {
    expect(parseGrubScript('a "" b').commands).toEqual([
      {
        kind: 'simple',
        line: 1,
        words: ['a', '', 'b'].map((text) => [{ kind: 'text', text }]),
      },
    ]);
  });
});

describe("a script that GRUB's parser refuses", () => {
  test.each<[string, string, readonly string[], readonly string[]]>([
    ['has no fi', 'if a; then b\nc', ['2 fi is missing'], ['1 if', 'when', '  1 a', 'then', '  1 b', '  2 c', 'else']],
    ['has no then', 'if a\n', ['1 then is missing', '1 fi is missing'], ['1 if', 'when', '  1 a', 'then', 'else']],
    [
      'has no fi after else',
      'if a; then b; else c',
      ['1 fi is missing'],
      ['1 if', 'when', '  1 a', 'then', '  1 b', 'else', '  1 c'],
    ],
    ['has no brace', 'a {\nb\n', ['2 } is missing'], ['1 a', '  2 b']],
    ['has no do', 'while a', ['1 do is missing', '1 done is missing'], ['1 loop ', '  1 a', 'do']],
    ['has no done', 'for a in b; do\nc', ['2 done is missing'], ['1 loop a in b', 'do', '  2 c']],
    ['has one brace too many', 'a\n}\nb', ['2 unexpected }'], ['1 a', '3 b']],
    [
      'has a brace too many in an if',
      'if a; then }\nb; fi',
      ['1 unexpected }'],
      ['1 if', 'when', '  1 a', 'then', '  2 b', 'else'],
    ],
    ['has no closing quote', 'a\n"b\n\nc', ['2 " is missing'], ['1 a', '2 b\n\nc']],
    ['has no closing single quote', "a 'b", ["1 ' is missing"], ['1 a b']],
    [
      'has no closing quote where the line is to go on',
      'a {\n"b\\\n',
      ['2 " is missing', '2 } is missing'],
      ['1 a', '  2 b'],
    ],
    ['ends in a quote', 'a "', ['1 " is missing'], ['1 a ']],
    ['ends in a backslash', 'a \\', [], ['1 a ']],
    ['has a function without a body', 'function a; b', [], ['1 function a', '1 b']],
    ['has a function without a name', 'function "a" { b; }', [], ['1 function a', '  1 b']],
    ['is nothing but an if', 'if', ['1 then is missing', '1 fi is missing'], ['1 if', 'when', 'then', 'else']],
  ])('%s', (_, text, problems, commands) => {
    expect(problemsOf(text)).toEqual(problems);
    expect(outlineOf(text)).toEqual(commands);
  });

  it('goes too deep', () => {
    const nested = (depth: number) => `${'a {\n'.repeat(depth)}b\n${'}\n'.repeat(depth)}`;
    expect(problemsOf(nested(20))).toEqual([]);
    expect(problemsOf(nested(60))[0]).toMatch(/^5[0-9] nested too deeply$/);
  });
});
