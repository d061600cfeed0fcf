import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyfile } from '../../src/formats/network-manager-keyfile.ts';
import { describeOracle, oracleRoot, runPython } from './oracle.ts';

const libraries = 'usr/lib/x86_64-linux-gnu';

/** Reads a JSON list of texts with GLib: null for a refused file, else [group, key, value] of every key, sorted. */
const glib = `
import ctypes, json
ctypes.CDLL(${JSON.stringify(`${oracleRoot}/${libraries}/libpcre2-8.so.0`)}, ctypes.RTLD_GLOBAL)
g = ctypes.CDLL(${JSON.stringify(`${oracleRoot}/${libraries}/libglib-2.0.so.0`)})
p, s, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
g.g_key_file_new.restype = p
g.g_key_file_free.argtypes = [p]
g.g_key_file_load_from_data.argtypes = [p, s, size, ctypes.c_int, p]
for name, arguments in (('groups', [p, p]), ('keys', [p, s, p, p])):
    function = getattr(g, 'g_key_file_get_' + name)
    function.argtypes, function.restype = arguments, ctypes.POINTER(s)
g.g_key_file_get_value.argtypes, g.g_key_file_get_value.restype = [p, s, s, p], s

def words(array):
    i = 0
    while array[i] is not None:
        yield array[i]
        i += 1

def read(text):
    data = text.encode()
    file = g.g_key_file_new()
    if not g.g_key_file_load_from_data(file, data, len(data), 0, None): return None
    found = []
    for group in words(g.g_key_file_get_groups(file, None)):
        for key in words(g.g_key_file_get_keys(file, group, None, None)):
            found.append([x.decode() for x in (group, key, g.g_key_file_get_value(file, group, key, None))])
    g.g_key_file_free(file)
    return sorted(map(list, set(map(tuple, found))))

# A repeated key is listed as often as it stands there, each time with the value in force.
print(json.dumps([read(text) for text in json.load(sys.stdin)]))
`;

/** What GLib would list: the last of repeated keys, no translations. */
function keys(text: string): string[][] | null {
  const { entries, get, problems } = parseKeyfile(text);
  if (problems.length > 0) return null;
  const last = entries.filter((entry) => get(entry.group, entry.key) === entry);
  return last.map(({ group, key, value }) => [group, key, value]);
}

const order = (list: string[][] | null) =>
  list?.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) ?? null;

const piece = fc.constantFrom(
  '[',
  ']',
  'ipv4',
  'connection',
  'a b',
  '=',
  'method',
  'dns',
  '1.1.1.1;8.8.8.8;',
  '#',
  ';',
  ' ',
  '\t',
  '\r',
  '\\s',
  '"',
  'é',
  '\v',
);
const line = fc.oneof(
  fc.constantFrom('[ipv4]', '[connection]', 'method=auto', ' dns = 1.1.1.1; ', '# note', '', '[a b] ', 'x=1', 'x=2'),
  fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
);
const text = fc.array(line, { maxLength: 8 }).map((lines) => ['[first]', ...lines].join('\n'));

describeOracle('key files', 'GLib', [`${libraries}/libglib-2.0.so.0`, `${libraries}/libpcre2-8.so.0`], () => {
  test('are read as GLib reads them', () => {
    const texts = fc.sample(text, { numRuns: 600, seed: 3 });
    const answers: unknown = JSON.parse(runPython(glib, JSON.stringify(texts)));
    // Our own program's output: one list or null for each text.
    const expected = (answers as (string[][] | null)[]).map((answer, index) => ({
      text: texts[index],
      keys: order(answer),
    }));
    expect(texts.map((each) => ({ text: each, keys: order(keys(each)) }))).toEqual(expected);
    expect(expected.filter((answer) => answer.keys !== null).length).toBeGreaterThan(100);
  });
});
