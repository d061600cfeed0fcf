/**
 * Scalars as PyYAML's safe loader types them: the implicit resolvers of yaml/resolver.py and the constructors of
 * yaml/constructor.py. YAML 1.1 with PyYAML's own exceptions: `y` and `n` are text, `1e3` is text, `0644` is octal,
 * `22:22` is a base 60 number.
 */

/** Prefix of the tags that YAML itself defines. */
export const yamlTag = 'tag:yaml.org,2002:';

/** What the constructor of a tag made of a text, or why Python refuses it. */
export type ConstructedScalar =
  | { readonly value: null | boolean | number | string | Date }
  | { readonly message: string };

const implicitResolvers: readonly { readonly tag: string; readonly first: string; readonly pattern: RegExp }[] = [
  {
    tag: 'bool',
    first: 'yYnNtTfFoO',
    pattern: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  },
  {
    tag: 'float',
    first: '-+0123456789.',
    pattern:
      /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  },
  {
    tag: 'int',
    first: '-+0123456789',
    pattern:
      /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  },
  { tag: 'merge', first: '<', pattern: /^<<$/ },
  { tag: 'null', first: '~nN', pattern: /^(?:~|null|Null|NULL)$/ },
  {
    tag: 'timestamp',
    first: '0123456789',
    pattern:
      /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/,
  },
  { tag: 'value', first: '=', pattern: /^=$/ },
];

/** Tag of a plain scalar without a tag of its own. */
export function resolveScalar(text: string): string {
  if (text === '') return `${yamlTag}null`;
  const first = text.charAt(0);
  const resolver = implicitResolvers.find((one) => one.first.includes(first) && one.pattern.test(text));
  return yamlTag + (resolver?.tag ?? 'str');
}

const constructors: Readonly<Record<string, (text: string) => ConstructedScalar>> = {
  null: () => ({ value: null }),
  str: (text) => ({ value: text }),
  bool(text) {
    const word = text.toLowerCase();
    if (['yes', 'true', 'on'].includes(word)) return { value: true };
    if (['no', 'false', 'off'].includes(word)) return { value: false };
    return { message: `"${text}" is not a boolean` };
  },
  int: constructInt,
  float: constructFloat,
  timestamp: constructTimestamp,
  binary: constructBinary,
};

/** Undefined for a tag that safe_load knows no scalar constructor for. */
export function constructScalar(tag: string, text: string): ConstructedScalar | undefined {
  if (!tag.startsWith(yamlTag)) return undefined;
  const name = tag.slice(yamlTag.length);
  return Object.hasOwn(constructors, name) ? constructors[name]?.(text) : undefined;
}

function constructInt(text: string): ConstructedScalar {
  const compact = text.replaceAll('_', '');
  const sign = compact.startsWith('-') ? -1 : 1;
  const digits = compact.replace(/^[-+]/, '');
  const refused = { message: `"${text}" is not an integer` };
  const number = (pattern: RegExp, body: string, base: number) =>
    pattern.test(body) ? { value: withoutNegativeZero(sign * Number.parseInt(body, base)) } : refused;
  if (digits === '0') return { value: 0 };
  if (digits.startsWith('0b')) return number(/^[01]+$/, digits.slice(2), 2);
  if (digits.startsWith('0x')) return number(/^[0-9a-fA-F]+$/, digits.slice(2), 16);
  if (digits.startsWith('0')) return number(/^[0-7]+$/, digits, 8);
  if (!digits.includes(':')) return number(/^[0-9]+$/, digits, 10);
  const parts = digits.split(':');
  if (!parts.every((part) => /^[0-9]+$/.test(part))) return refused;
  return { value: withoutNegativeZero(sign * parts.reduce((total, part) => total * 60 + Number(part), 0)) };
}

/** Python's integers have one zero. */
function withoutNegativeZero(value: number): number {
  return value === 0 ? 0 : value;
}

function constructFloat(text: string): ConstructedScalar {
  const compact = text.replaceAll('_', '').toLowerCase();
  const sign = compact.startsWith('-') ? -1 : 1;
  const digits = compact.replace(/^[-+]/, '');
  if (/^(?:\.inf|inf|infinity)$/.test(digits)) return { value: sign * Number.POSITIVE_INFINITY };
  if (/^\.?nan$/.test(digits)) return { value: Number.NaN };
  const parts = digits.split(':');
  if (!parts.every((part) => /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(part))) {
    return { message: `"${text}" is not a number` };
  }
  return { value: sign * parts.reduce((total, part) => total * 60 + Number(part), 0) };
}

const timestamp =
  /^(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:(?:[Tt]|[ \t]+)(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]*))?(?:[ \t]*(?:Z|(?<sign>[-+])(?<zoneHour>[0-9]{1,2})(?::(?<zoneMinute>[0-9]{2}))?))?)?$/;

/** A date without a time is its midnight, and a time without a zone is taken as UTC. */
function constructTimestamp(text: string): ConstructedScalar {
  const fields = timestamp.exec(text)?.groups;
  const refused = { message: `"${text}" is not a date` };
  if (fields === undefined) return refused;
  const field = (name: string) => Number(fields[name] ?? 0);
  const [year, month, day] = [field('year'), field('month'), field('day')];
  const daysInMonth = new Date(Date.UTC(year < 100 ? year + 2000 : year, month, 0)).getUTCDate();
  const zoneMinutes = field('zoneHour') * 60 + field('zoneMinute');
  const outOfRange =
    year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth || field('hour') > 23 || field('minute') > 59;
  if (outOfRange || field('second') > 59 || zoneMinutes >= 24 * 60) return refused;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const offset = fields['sign'] === '-' ? -zoneMinutes : zoneMinutes;
  const milliseconds = Number((fields['fraction'] ?? '').slice(0, 3).padEnd(3, '0'));
  date.setUTCHours(field('hour'), field('minute') - offset, field('second'), milliseconds);
  return { value: date };
}

/** binascii.a2b_base64 without strict mode. Python has bytes then; the value kept here is their base64 text. */
function constructBinary(text: string): ConstructedScalar {
  const refused = { message: 'binary data is not base64' };
  if (/[^\0-\x7f]/.test(text)) return refused;
  let data = '';
  let padding = 0;
  for (const character of text) {
    if (character === '=' && data.length % 4 >= 2 && (data.length % 4) + ++padding >= 4) break;
    if (!/[A-Za-z0-9+/]/.test(character)) continue;
    data += character;
    padding = 0;
  }
  const rest = data.length % 4;
  if (rest === 0) return { value: data };
  if (rest + padding < 4) return refused;
  // Bits that do not fill a byte are dropped, so that equal bytes give equal text.
  const last = base64.indexOf(data.charAt(data.length - 1)) & (rest === 2 ? 0b110000 : 0b111100);
  return { value: data.slice(0, -1) + base64.charAt(last) + '='.repeat(4 - rest) };
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
