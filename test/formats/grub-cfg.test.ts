import { describe, expect, it, test } from '@jest/globals';
import { type GrubMenuItem, type GrubSurroundings, parseGrubCfg } from '../../src/formats/grub-cfg.ts';

const surroundings: GrubSurroundings = {
  environment: (path) =>
    path === '/absent'
      ? undefined
      : new Map([
          ['a', path ?? 'own'],
          ['b', '2'],
        ]),
  exists: (path) => (path === '/there' ? true : undefined),
};
const parse = (text: string) => parseGrubCfg(text, surroundings);

function outline(items: readonly GrubMenuItem[]): string[] {
  return items.flatMap((item) => {
    const id = 'id' in item ? ` #${item.id}` : '';
    if (item.kind === 'entry') {
      const boots = item.boots.map((boot) =>
        ['=', boot.line, boot.kernel, boot.arguments, ...boot.initrds].join(' | '),
      );
      return [`${item.line} ${item.title}${id}`, ...boots];
    }
    if (item.kind === 'boot-loader-entries') return [`${item.line} blscfg`];
    return [`${item.line} ${item.title}${id} >`, ...outline(item.items).map((text) => `  ${text}`)];
  });
}

describe('the menu of a grub.cfg', () => {
  test.each<[string, string, readonly string[]]>([
    ['a title and an identifier', "menuentry 'a b' --id c { linux /k\n}", ['1 a b #c', '= | 1 | /k | ']],
    ['options before the title', "menuentry --class a --unrestricted --id=b --users '' t x {\n}", ['1 t #b']],
    ['an option that is followed by another', 'menuentry --users --class a t {\n}', ['1 t']],
    ['an option that takes no word', 'menuentry --unrestricted t {\n}', ['1 t']],
    ['an equals sign in an identifier', 'menuentry t --id=a=b {\n}', ['1 t #a=b']],
    ['an empty identifier', 'menuentry t --id= {\n}', ['1 t #']],
    ['a title that looks like an option', 'menuentry --id a -- --t {\n}', ['1 --t #a']],
    ['what looks like an option behind them all', 'menuentry --id a -- t --id=b {\n}', ['1 t #a']],
    ['a dash for a title', 'menuentry - {\n}', ['1 -']],
    ['no title', 'menuentry {\n}', ['1 ']],
    ['a title that nobody knows', 'menuentry "on $root" --id "$root" {\n}', ['1 on $root #$root']],
    ['no block', '\nmenuentry t', ['2 t']],
    ['an entry in an entry', 'menuentry t {\nlinux /k\nmenuentry u {\nlinux /l\n}\n}', ['1 t', '= | 2 | /k | ']],
    [
      'a submenu in a submenu',
      'submenu s --id i {\nsubmenu r {\nmenuentry t {\nlinux /k\n}\n}\nblscfg\n}',
      ['1 s #i >', '  2 r >', '    3 t', '    = | 4 | /k | ', '  7 blscfg'],
    ],
    ['an entry of a function', 'function f {\nmenuentry t {\n}\n}\nf\nf', ['2 t', '2 t']],
    ['entries of either branch', 'if a; then menuentry t {\n}; else blscfg; fi', ['1 t', '2 blscfg']],
    ['what belongs to each entry', 'menuentry t {\nlinux /k\n}\nmenuentry u {\n}', ['1 t', '= | 2 | /k | ', '4 u']],
    ['a kernel outside entries', 'linux /k\nmenuentry u {\n}', ['2 u']],
  ])('has %s', (_, text, expected) => expect(outline(parse(text).menu)).toEqual(expected));

  test.each<[string, string, readonly string[]]>([
    ['under older names', 'linux16 /k a\ninitrd16 /i', ['/k | a | /i']],
    ['for UEFI', 'linuxefi /k a\ninitrdefi /i', ['/k | a | /i']],
    ['the last of several', 'linux /k\nlinux /l', ['/l | ']],
    ['commands with names alike', 'linux /k\nlinuxx /a\nxlinux /b\ninitrdx /c\nxinitrd /d', ['/k | ']],
    ['an initramfs without a kernel', 'initrd /i\nlinux /k', ['/k | ']],
    ['an initramfs of empty words', 'linux /k\ninitrd "" /i $none', ['/k |  | /i']],
    ['an initramfs that nobody knows', 'linux /k\ninitrd $prefix/i', ['/k |  | $prefix/i']],
    ['quotes that the kernel sees', `linux /k "a  b" 'c"d' e\\'f g\\\\h`, [`/k | "a  b" c\\"d e\\'f g\\\\h`]],
    ['words that are empty', 'linux /k "" $none a', ['/k |  a']],
    ['no kernel at all', 'linux', [' | ']],
    ['either branch', 'if a; then linux /k 1; else linux /k 2; fi\ninitrd /i', ['/k | 1 | /i', '/k | 2 | /i']],
    ['branches that agree', 'if a; then true; linux /k; else linux /k; fi', ['/k | ']],
    ['one branch more', 'linux /k\nif a; then initrd /i; fi', ['/k |  | /i', '/k | ']],
    ['a kernel that a condition loads', 'if linux /k; then initrd /i; fi', ['/k |  | /i', '/k | ']],
    ['a kernel that a function loads', 'function f {\nlinux /k\n}\nf', ['/k | ']],
    [
      'a kernel with values that are not known',
      'if a; then set c=1; else set c=2; fi\nlinux /k $c',
      ['/k | 1', '/k | 2'],
    ],
  ])('loads %s', (_, text, expected) => {
    const [item] = parse(`menuentry t {\n${text}\n}`).menu;
    const boots = item?.kind === 'entry' ? item.boots : [];
    expect(boots.map((boot) => [boot.kernel, boot.arguments, ...boot.initrds].join(' | '))).toEqual(expected);
  });

  it('takes the default as it is in the end', () => {
    expect(parse('set default=1\nif a; then set default="$root"; fi').defaults).toEqual(['$root', '1']);
  });
});

describe('a variable of a grub.cfg', () => {
  test.each<[string, string, readonly string[]]>([
    // Assignments.
    ['is set', 'set b=x', ['x']],
    ['is set without the command', 'b=x', ['x']],
    ['is set, whatever follows', 'b=x c', ['x']],
    ['is the first that is set', 'set a=1 b=x', ['']],
    ['has an equals sign', 'b=x=y', ['x=y']],
    ['is set to nothing', 'b=x\nb=', ['']],
    ['is not set without an equals sign', 'b=x\nset b\nset bx\nset', ['x']],
    ['is not set without a name', 'b=x\n=y\nset =z', ['x']],
    ['is unset', 'b=x\nc=x\nunset c b', ['']],
    ['is nothing at first', '', ['']],
    ['is set by name of another', 'a=b\nset $a=x', ['x']],
    ['is set by a name that is not known', 'b=1\nif a; then c=b; else c=d; fi\nset $c=x', ['x']],
    // Words.
    ['has blanks at its ends', 'a=" x  y "\nfor c in p$a$a.q; do b="$b<$c>"; done', ['<px><yx><y.q>']],
    ['is nothing, or blanks', 'a=" "\nfor c in $a $none x$a"" ""$a; do b="$b<$c>"; done', ['<x><>']],
    ['has other blanks', 'a="x\ty\nz"\nfor c in $a; do b="$b<$c>"; done', ['<x><y><z>']],
    // Loops.
    ['is set in each round', 'for c in 1 2; do b=$b$c; done', ['12']],
    ['is set in no round', 'for c in; do b=x; done', ['']],
    ['is set by a loop of unknown length', 'while a; do b="$b"x; done', ['x']],
    ['is set by what a loop asks', 'until c=x; do b=$c; done', ['x']],
    // What only the machine knows.
    ['is stored by search', 'b=x\nsearch --no-floppy --set=b --fs-uuid u', ['$b']],
    ['is stored by search, behind a blank', 'b=x\nsearch --fs-uuid --set b u', ['$b']],
    ['is stored by search, in short', 'b=x\nsearch -s b u', ['$b']],
    ['is what search looks for', 'b=x\nsearch --fs-uuid --set b', ['x']],
    ['is stored by search for one thing', 'b=x\nsearch.fs_uuid u b hd0', ['$b']],
    ['is not named to search for one thing', 'b=x\nsearch.file b', ['x']],
    ['is stored by regexp', 'b=x\nregexp --set=12:b p s', ['$b']],
    ['is stored by regexp, in short', 'b=x\nregexp -s 1:b p s', ['$b']],
    ['is stored by probe', 'b=x\nprobe --set b -u d', ['$b']],
    ['is not stored by other commands', 'b=x\necho --set=b\n[ -s b ]\nxsearch.file a b\nsearch.file.x a b', ['x']],
    // Environment blocks.
    ['is loaded', 'load_env', ['2']],
    ['is loaded by name', 'b=x\nload_env -s a c', ['x']],
    ['is loaded among others', 'b=x\nload_env a b', ['2']],
    ['is not loaded from a file that is not there', 'b=x\nload_env -f /absent', ['x']],
    // Conditions.
    ['depends on nothing', 'if true; then b=x; else b=y; fi', ['x']],
    ['depends on a command that fails', 'if false; then b=x; else b=y; fi', ['y']],
    ['depends on test', 'if test a = b; then b=x; else b=y; fi', ['y']],
    ['depends on a bracket', 'if [ a = a ]; then b=x; else b=y; fi', ['x']],
    ['depends on a bracket that nothing closes', 'if [ a = b; then b=x; else b=y; fi', ['y']],
    ['depends on a file', 'if [ -f /there ]; then b=x; else b=y; fi', ['x']],
    ['depends on a command', 'if loadfont x; then b=x; else b=y; fi', ['x', 'y']],
    ['depends on a negation', 'if ! [ a = a ]; then b=x; else b=y; fi', ['y']],
    ['depends on the negation of a command', 'if ! loadfont x; then b=x; else b=y; fi', ['x', 'y']],
    ['depends on the last of several commands', 'if true; c=1; [ $c = 1 ]; then b=x; else b=y; fi', ['x']],
    ['depends on another if', 'if if true; then false; fi; then b=x; else b=y; fi', ['x', 'y']],
    ['depends on nothing at all', 'if ; then b=x; else b=y; fi', ['x', 'y']],
    ['is set by what is asked', 'b=1\nif search --set=b /x; then true; fi', ['$b']],
    ['is set by a function that is asked', 'function f {\nb=x\n}\nif f; then true; fi', ['x']],
    ['is set by a command that is asked before', 'if b=x; a; then true; fi', ['x']],
    ['is set once by the command that is asked', 'if b="$b"1; then true; fi', ['1']],
    ['is set once by each command that is asked', 'if b="$b"1; b="$b"2; then true; fi', ['12']],
    [
      'depends on values that differ',
      'if a; then c=1; else c=2; fi\nif [ $c = 1 ]; then b=x; else b=y; fi',
      ['x', 'y'],
    ],
    ['depends on values that agree', 'if a; then c=1; else c=2; fi\nif [ $c -lt 3 ]; then b=x; else b=y; fi', ['x']],
    ['depends on one of several', 'if a; then b=x; elif true; then b=y; else b=z; fi', ['x', 'y']],
    ['depends on what GRUB can do', 'if [ x$feature_menuentry_id = xy ]; then b=x; fi', ['x']],
    ['depends on the platform', 'b="$grub_platform on $prefix"', ['$grub_platform on $prefix']],
  ])('%s', (_, text, expected) => expect(parse(text).variable('b')).toEqual(expected));

  test.each([
    ['a variable', 'search --set=c u'],
    ['no word behind it', 'root=x\nsearch --fs-uuid u --set'],
    ['an option behind it', 'root=x\nsearch --set --fs-uuid u'],
    ['nothing else to look for', 'root=x\nsearch --fs-uuid --set u'],
  ])('root is what search stores with %s', (_, text) => expect(parse(text).variable('root')).toEqual(['$root']));

  it('root is left alone by search without a variable', () => {
    expect(parse('root=x\nsearch --fs-uuid u').variable('root')).toEqual(['x']);
    expect(parse('root=x\nsearch --fs-uuid').variable('root')).toEqual(['x']);
  });

  it('is loaded from the file that is named', () => {
    const loaded = (command: string) => parse(command).variable('a');
    expect(
      ['-f /x', '--file /x', '--file=/x', '-s -f $prefix/x a'].map((words) => loaded(`load_env ${words}`)),
    ).toEqual([['/x'], ['/x'], ['/x'], ['$prefix/x']]);
    expect(loaded('load_env')).toEqual(['own']);
  });
});

describe('a grub.cfg without end', () => {
  /** Doubles the values of a variable each time. */
  const doubling = `if x; then set a=\${a}0; else set a=\${a}1; fi\n`;

  it('has a budget of commands', () => {
    const valueBehind = (count: number) => parse(`${'true\n'.repeat(count)}b=x`).variable('b');
    expect([valueBehind(19_999), valueBehind(20_000)]).toEqual([['x'], ['']]);
  });

  it('has a depth, which it comes back from', () => {
    expect(parse('function f {\nb=x$b\nf\n}\nf\nf').variable('b')).toEqual(['x'.repeat(398)]);
    expect(parse(`${'if true; then true; fi\n'.repeat(300)}b=x`).variable('b')).toEqual(['x']);
  });

  it('has so many values of a variable', () => {
    expect(parse(doubling.repeat(4)).variable('a')).toHaveLength(16);
    expect(parse(doubling.repeat(5)).variable('a')).toHaveLength(16);
    expect(parse(`${doubling.repeat(4)}b=$a$a`).variable('b')).toHaveLength(16);
  });

  it('has so many command lines', () => {
    const [item] = parse(`${doubling.repeat(4)}menuentry t {\nlinux /k $a $a\n}`).menu;
    expect(item?.kind === 'entry' && item.boots.length).toBe(16);
    const [either] = parse(`${doubling.repeat(4)}menuentry t {\nif x; then linux /k $a; else linux /l $a; fi\n}`).menu;
    expect(either?.kind === 'entry' && either.boots.length).toBe(16);
  });

  it('has so many words', () => {
    const [item] = parse(`a="${'x '.repeat(4000)}"\nmenuentry t {\nlinux /k $a $a\n}`).menu;
    expect(item?.kind === 'entry' && item.boots[0]?.arguments.split(' ').length).toBe(4094);
  });
});
