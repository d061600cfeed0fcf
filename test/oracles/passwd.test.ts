import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classifyCryptHash } from '../../src/formats/crypt-hash.ts';
import { parseGroup, parsePasswd, parseShadow } from '../../src/formats/passwd.ts';
import { describeOracle, runPython } from './oracle.ts';

/** Reads a JSON list of texts with fgetpwent, fgetspent and fgetgrent of the C library that python3 runs on. */
const glibc = `
import ctypes, json, tempfile
libc = ctypes.CDLL(None)
c, i, l, u = ctypes.c_char_p, ctypes.c_int, ctypes.c_long, ctypes.c_uint32
class Passwd(ctypes.Structure): _fields_ = [('name', c), ('password', c), ('uid', u), ('gid', u), ('gecos', c), ('home', c), ('shell', c)]
class Shadow(ctypes.Structure): _fields_ = [('name', c), ('password', c)]
class Group(ctypes.Structure): _fields_ = [('name', c), ('password', c), ('gid', u), ('members', ctypes.POINTER(c))]
libc.fopen.restype = ctypes.c_void_p
libc.fclose.argtypes = [ctypes.c_void_p]
for function, kind in (('fgetpwent', Passwd), ('fgetspent', Shadow), ('fgetgrent', Group)):
    f = getattr(libc, function)
    f.argtypes, f.restype = [ctypes.c_void_p], ctypes.POINTER(kind)

def text(b): return (b or b'').decode()

def members(g):
    found, at = [], 0
    while g.members[at]:
        found.append(text(g.members[at])); at += 1
    return found

def everything(path, function, show):
    stream = libc.fopen(path.encode(), b're')
    found = []
    while True:
        entry = function(stream)
        if not entry: break
        e = entry.contents
        if text(e.name)[:1] not in ('+', '-'): found.append(show(e))
    libc.fclose(stream)
    return found

answers = []
for content in json.load(sys.stdin):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content.encode()); file.flush()
        answers.append({
            'passwd': everything(file.name, libc.fgetpwent, lambda e: [text(e.name), text(e.password), e.uid, e.gid, text(e.gecos), text(e.home), text(e.shell)]),
            'shadow': everything(file.name, libc.fgetspent, lambda e: [text(e.name), text(e.password)]),
            'group': everything(file.name, libc.fgetgrent, lambda e: [text(e.name), e.gid, members(e)]),
        })
json.dump(answers, sys.stdout)
`;

/**
 * What crypt(3) makes of each field of a JSON list: `refused`, or `matchable` when its answer has the length and the
 * alphabet of the field, or else `cut`.
 */
const crypt = `
import ctypes, json
libcrypt = ctypes.CDLL('libcrypt.so.1')
libcrypt.crypt.restype = ctypes.c_char_p

def answer(field):
    hashed = libcrypt.crypt(b'x', field.encode())
    if hashed is None or hashed.startswith(b'*'): return 'refused'
    plain = field.startswith('$') or all(c in './_' or c.isascii() and c.isalnum() for c in field)
    return 'matchable' if plain and len(hashed) == len(field) else 'cut'

json.dump([answer(field) for field in json.load(sys.stdin)], sys.stdout)
`;

const field = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('root', 'x', '0', '1000', '/root', '/bin/bash', '99999', '7', '') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '!',
      '*',
      'a,b',
      'a, b,',
      ',,',
      '-1',
      '+5',
      ' 3',
      '3 ',
      '4294967296',
      '99999999999999999999',
      '-',
      '+',
      '#',
      '0x10',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', '1', ' ', '\t', ',', '#', '+', '-', '\r', '$'),
      maxLength: 5,
    }),
  },
);
const line = fc
  .tuple(fc.constantFrom('', '', '', '', ' ', '\t', '#', '+', '-'), fc.array(field, { maxLength: 10 }))
  .map(([prefix, fields]) => prefix + fields.join(':'));
const shaped = fc.tuple(field, field, field, field).map(([name, a, b, c]) => `${name}:${a}:${b}:${c}:::${c}:${b}`);
// A blank at the start of a last line without newline trips glibc itself: __nss_readline moves the text, not its end.
const texts = fc.array(fc.oneof(line, shaped), { maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);

describeOracle('account files as glibc reads them', 'the C library', ['usr/lib/x86_64-linux-gnu/libc.so.6'], () => {
  test('passwd, shadow and group of 600 generated files', () => {
    const samples = fc.sample(texts, { numRuns: 600, seed: 20 });
    // The answers are what `glibc` prints.
    const answers = JSON.parse(runPython(glibc, JSON.stringify(samples))) as unknown[];
    const ours = samples.map((text) => ({
      passwd: parsePasswd(text).entries.map((e) => [e.name, e.password, e.uid, e.gid, e.gecos, e.home, e.shell]),
      shadow: parseShadow(text).entries.map((e) => [e.name, e.password]),
      group: parseGroup(text).entries.map((e) => [e.name, e.gid, e.members]),
    }));
    for (const [index, text] of samples.entries()) {
      expect({ text: JSON.stringify(text), ...ours[index] }).toEqual({
        text: JSON.stringify(text),
        ...(answers[index] as object),
      });
    }
  });
});

const salt = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'./0aZz9./0aZz9./0aZz9$!*:\\ é'), minLength: length, maxLength: length });
const bodyOf = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'./0aZz9'), minLength: length, maxLength: length });
const body = fc.constantFrom(0, 1, 8, 13, 22, 31, 43, 53, 86).chain(bodyOf);
const method = fc.constantFrom(
  '',
  '_J9..',
  '$',
  '$0$',
  '$1$',
  '$2$',
  '$2a$04$',
  '$2b$04$',
  '$2y$04$',
  '$2y$99$',
  '$3$$',
  '$4$',
  '$5$',
  '$5$rounds=1000$',
  '$5$rounds=x$',
  '$6$',
  '$6$rounds=1000$',
  '$7$4U..../....',
  '$md5$',
  '$sha1$10$',
  '$z$',
  '!$6$',
  '*',
);
/** Methods with the length of hash that they give; a salt goes between. */
const shapedHash = fc
  .constantFrom<[string, number, string, number]>(
    ['$1$', 8, '$', 22],
    ['$5$', 9, '$', 43],
    ['$6$', 9, '$', 86],
    ['$y$j75$', 8, '$', 43],
    ['$gy$j75$', 4, '$', 43],
    ['$md5$', 4, '$', 22],
    ['$sha1$9$', 4, '$', 28],
    ['$2y$04$', 0, '', 53],
    ['_J9..', 0, '', 15],
    ['', 0, '', 13],
  )
  .chain(([prefix, salted, end, length]) =>
    fc.tuple(fc.constant(prefix), salt(salted), fc.constant(end), bodyOf(length)),
  );
const hashes = fc
  .oneof(shapedHash, fc.tuple(method, fc.integer({ min: 0, max: 9 }).chain(salt), fc.constantFrom('', '$', '$$'), body))
  .map((parts) => parts.join(''));

describeOracle('password hashes as crypt(3) takes them', 'libcrypt', ['usr/lib/x86_64-linux-gnu/libcrypt.so.1'], () => {
  test('every hash that some password can match counts as usable, and none that crypt refuses', () => {
    const samples = fc.sample(hashes, { numRuns: 800, seed: 21 });
    const answers = JSON.parse(runPython(crypt, JSON.stringify(samples))) as readonly string[];
    const usable = samples.map((hash) => classifyCryptHash(hash) === 'usable');
    expect(samples.filter((_, index) => answers[index] === 'matchable' && !usable[index])).toEqual([]);
    expect(samples.filter((_, index) => answers[index] === 'refused' && usable[index])).toEqual([]);
    expect(answers.filter((answer) => answer === 'matchable').length).toBeGreaterThan(20);
  });
});
