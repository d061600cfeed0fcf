import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { type GrubMenuItem, type GrubSurroundings, parseGrubCfg } from '../../src/formats/grub-cfg.ts';
import { parseGrubEnvironment } from '../../src/formats/grubenv.ts';

const nothingAround: GrubSurroundings = { environment: () => undefined, exists: () => undefined };
const withEnvironment = (variables: Readonly<Record<string, string>>): GrubSurroundings => ({
  environment: () => new Map(Object.entries(variables)),
  exists: (path) => (path.endsWith('grubenv') ? true : undefined),
});

/** The menu as an outline: title, identifier, and what each entry may boot. */
function outline(items: readonly GrubMenuItem[], indent = ''): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'boot-loader-entries') return [`${indent}blscfg`];
    const head = `${indent}${item.title}${item.id === undefined ? '' : ` #${item.id}`}`;
    if (item.kind === 'submenu') return [`${head} >`, ...outline(item.items, `${indent}  `)];
    return [
      head,
      ...item.boots.map((boot) => [`${indent}= ${boot.kernel}`, boot.arguments, ...boot.initrds].join(' | ')),
    ];
  });
}

const menuOf = (text: string, surroundings = nothingAround) => outline(parseGrubCfg(text, surroundings).menu);
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'formats', 'grub', `${name}.cfg`), 'utf8');

describe('grub.cfg', () => {
  it('reads the menu of Debian', () => {
    const { menu, defaults, problems } = parseGrubCfg(fixture('debian-12'), withEnvironment({}));
    expect(outline(menu)).toEqual([
      'Debian GNU/Linux #gnulinux-simple-0b9f3b5c',
      '= /boot/vmlinuz-6.1.0-40-cloud-amd64 | root=UUID=0b9f3b5c ro console=tty0 console=ttyS0,115200 earlyprintk=ttyS0,115200 consoleblank=0 | /boot/initrd.img-6.1.0-40-cloud-amd64',
      'Advanced options for Debian GNU/Linux #gnulinux-advanced-0b9f3b5c >',
      '  Debian GNU/Linux, with Linux 6.1.0-40-cloud-amd64 #gnulinux-6.1.0-40-cloud-amd64-advanced-0b9f3b5c',
      '  = /boot/vmlinuz-6.1.0-40-cloud-amd64 | root=UUID=0b9f3b5c ro console=ttyS0,115200 | /boot/initrd.img-6.1.0-40-cloud-amd64',
      '  Debian GNU/Linux, with Linux 6.1.0-40-cloud-amd64 (recovery mode) #gnulinux-6.1.0-40-cloud-amd64-recovery-0b9f3b5c',
      '  = /boot/vmlinuz-6.1.0-40-cloud-amd64 | root=UUID=0b9f3b5c ro single | /boot/initrd.img-6.1.0-40-cloud-amd64',
      'UEFI Firmware Settings #uefi-firmware',
    ]);
    expect(defaults).toEqual(['0']);
    expect(problems).toEqual([]);
  });

  it('takes both ways of an Ubuntu cloud image: without an initramfs first, with it after a failure', () => {
    const { menu, defaults } = parseGrubCfg(fixture('ubuntu-cloud'), withEnvironment({}));
    expect(outline(menu)).toEqual([
      'Ubuntu #gnulinux-simple-abcd',
      '= /vmlinuz-6.8.0-1021-azure | root=PARTUUID=abcd-01 ro console=tty1 console=ttyS0 earlyprintk=ttyS0 | /initrd.img-6.8.0-1021-azure',
      '= /vmlinuz-6.8.0-1021-azure | root=PARTUUID=abcd-01 ro console=tty1 console=ttyS0 earlyprintk=ttyS0 panic=-1',
    ]);
    expect(defaults).toEqual(['0']);
  });

  it('leaves the entries of RHEL to blscfg and knows its variables', () => {
    const withoutOptions = parseGrubCfg(fixture('rhel-9'), withEnvironment({ saved_entry: 'abc-5.14' }));
    expect(outline(withoutOptions.menu)).toEqual(['blscfg', 'UEFI Firmware Settings #uefi-firmware']);
    expect(withoutOptions.defaults).toEqual(['abc-5.14']);
    expect(withoutOptions.variable('kernelopts')).toEqual([expect.stringContaining('rootdelay=300')]);
    const withOptions = parseGrubCfg(fixture('rhel-9'), withEnvironment({ kernelopts: 'root=/dev/sda ro' }));
    expect(withOptions.variable('kernelopts')).toEqual(['root=/dev/sda ro']);
  });

  test.each([
    ['variables', `set a=1\nb="x $a"\nmenuentry t { linux /k "$b" \${a}c $none\n }`, ['t', '= /k | "x 1" 1c']],
    ['variables as they are when the menu is up', 'set a=1\nmenuentry t { linux /k $a\n }\nset a=2', ['t', '= /k | 2']],
    [
      'a variable with blanks as several words',
      'a="1  2"\nmenuentry t {\nlinux /k $a x"$a"\n}',
      ['t', '= /k | 1 2 "x1  2"'],
    ],
    [
      'quotes and escapes',
      `menuentry 'a\\b' "--id" "c\\"d" {\n linux /k e\\ f g\\"h 'i'\n}`,
      ['a\\b #c"d', '= /k | "e f" g\\"h i'],
    ],
    ['commands on one line', 'menuentry t { linux /k a; initrd /i; }', ['t', '= /k | a | /i']],
    ['several initramfs files', 'menuentry t {\n linuxefi /k\n initrdefi /i /j\n}', ['t', '= /k |  | /i | /j']],
    ['comments', '# menuentry x {\nmenuentry t { # {\n linux /k a#b # c\n}', ['t', '= /k | a#b']],
    ['a continued line', 'menuentry t {\n linux /k a \\\n b\n}', ['t', '= /k | a b']],
    ['functions', 'function f {\n set a=1\n}\nf\nmenuentry t { linux /k $a\n}', ['t', '= /k | 1']],
    [
      'what only the machine knows',
      'search --set=root x\nmenuentry t { linux ($root)/k r=$root\n}',
      ['t', '= ($root)/k | r=$root'],
    ],
    ['loops', 'for x in 1 2; do set a=$x; done\nmenuentry t { linux /k $a\n}', ['t', '= /k | 2']],
    ['an entry that loads nothing', 'menuentry t { chainloader +1\n}', ['t']],
    [
      'a submenu',
      'submenu s { menuentry t { linux /k\n} }\nmenuentry u { linux /l\n}',
      ['s >', '  t', '  = /k | ', 'u', '= /l | '],
    ],
    ['what ends too early', 'menuentry t { if true; then linux /k a\n', ['t', '= /k | a']],
  ])('reads %s', (_, text, expected) => expect(menuOf(text)).toEqual(expected));

  test.each([
    ['a known condition', 'set a=1\nif [ "$a" = 1 ]; then set b=x; else set b=y; fi', ['x']],
    ['elif', 'if [ "$a" = 1 ]; then set b=x; elif [ -z "$a" ]; then set b=y; else set b=z; fi', ['y']],
    ['nothing true', 'if false; then set b=x; fi', ['']],
    ['a negation', 'if [ ! "$a" = 1 ]; then set b=x; fi', ['x']],
    ['-a and -o', 'if [ a = a -a b = c -o 2 -gt 1 ]; then set b=x; fi', ['x']],
    ['the platform', 'if [ "$grub_platform" = efi ]; then set b=x; else set b=y; fi', ['x', 'y']],
    ['an unknown command', 'set b=z\nif loadfont x; then set b=x; fi', ['x', 'z']],
    ['a file that may be there', 'if [ -f /x ]; then set b=x; fi', ['x', '']],
    ['several open conditions', 'if a; then set b=1; else set b=2; fi\nif [ $b = 3 ]; then set b=4; fi', ['1', '2']],
  ])('follows %s', (_, text, expected) => {
    expect(parseGrubCfg(text, nothingAround).variable('b')).toEqual(expected);
  });

  it('loads other environment blocks by their path', () => {
    const asked: (string | undefined)[] = [];
    const environment = (path: string | undefined) => {
      asked.push(path);
      return new Map([
        ['a', '1'],
        ['b', '2'],
      ]);
    };
    const text = 'load_env -f $prefix/mariner.cfg a\nload_env --file=/x\nload_env\nunset a';
    const { variable } = parseGrubCfg(text, { environment, exists: () => undefined });
    expect(asked).toEqual(['$prefix/mariner.cfg', '/x', undefined]);
    expect([variable('a'), variable('b')]).toEqual([[''], ['2']]);
  });

  it('ends on endless and hostile scripts', () => {
    expect(menuOf('function f { f; f\n}\nf')).toEqual([]);
    expect(menuOf('if true; then '.repeat(5000))).toEqual([]);
    expect(menuOf('{'.repeat(5000))).toEqual([]);
    const doubling = Array.from({ length: 40 }, (_, index) => `if x${index}; then set v${index}=a$v${index - 1}; fi`);
    expect(menuOf(`${'set a=$a$a$a\n'.repeat(500)}menuentry t { linux /k "$a$a" $a\n}`).length).toBeLessThan(100);
    expect(
      menuOf(`set a=x\n${'set a=$a$a\n'.repeat(500)}menuentry t {\nlinux /k "$a$a" $a\n}`)[1]?.length,
    ).toBeLessThan(20_000);
    expect(menuOf(`${doubling.join('\n')}\nmenuentry t { linux /k $v39\n}`).length).toBeLessThan(100);
  });

  it('never throws and stays inside the text', () => {
    const piece = fc.constantFrom(
      'menuentry ',
      'submenu ',
      "'t'",
      ' {',
      '}',
      '\n',
      ';',
      'if ',
      'then ',
      'else ',
      'elif ',
      'fi',
      'function f ',
      'for a in b',
      'do ',
      'done',
      'linux /k',
      'initrd /i',
      '$a',
      '"',
      '\\',
      '[ ',
      ' ]',
      ' = ',
      'set a=1',
      '--id',
      '#',
      'blscfg',
      'f',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const { menu, problems } = parseGrubCfg(text, nothingAround);
          const lines = text.split('\n').length;
          for (const { line } of [...menu, ...problems]) expect(line >= 1 && line <= lines).toBe(true);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('grubenv', () => {
  const variables = (text: string) =>
    parseGrubEnvironment(text).variables.map(({ name, value, line }) => [name, value, line]);

  it('reads variables, escapes and padding', () => {
    const text = `# GRUB Environment Block\n# WARNING: Do not edit\nsaved_entry=abc-5.14\nkernelopts=root=/dev/sda ro \na=b\\\\c\\\nd\n${'#'.repeat(40)}`;
    expect(variables(text)).toEqual([
      ['saved_entry', 'abc-5.14', 3],
      ['kernelopts', 'root=/dev/sda ro ', 4],
      ['a', 'b\\c\nd', 5],
    ]);
  });

  it('reads nothing without the signature', () => {
    expect(parseGrubEnvironment('saved_entry=x\n')).toEqual({
      variables: [],
      problems: [{ line: 1, message: expect.any(String) }],
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parseGrubEnvironment(`# GRUB Environment Block\n${text}`)),
      { seed: 1 },
    );
  });
});
