/**
 * What a password field lets in. `usable`: some password matches the hash. `empty`: no password is asked for. `locked`:
 * begins with `!` or `*`. `invalid`: matches nothing, yet is not locked.
 */
export type CryptState = 'usable' | 'empty' | 'locked' | 'invalid';

const alphabet = '[./0-9A-Za-z]';

/** Settings that crypt(3) of libxcrypt accepts, by prefix; the hash itself follows. */
const modular: readonly RegExp[] = [
  /^\$1\$[^$]*\$/,
  /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./0-9A-Za-z]{22}/,
  /^\$3\$\$?/,
  /^\$[56]\$(?:rounds=[1-9]\d{3,8}\$)?(?!rounds=)[^$]*\$/,
  /^\$7\$[./0-9A-Za-z]{11}[^$]*\$/,
  /^\$g?y\$[./0-9A-Za-z]{3,}\$(?:[./0-9A-Za-z]{4})*(?:[./0-9A-Za-z]{2,3})?\$(?!.*\$)/,
  /^\$md5(?:,rounds=[1-9]\d*)?\$/,
  /^\$sha1\$\d*\$[^$]+\$/,
];

/** Traditional DES, also the longer form of bigcrypt; what follows is the age field of HP-UX, which PAM cuts off. */
const des = new RegExp(`^${alphabet}{13}(?:${alphabet}{11})*(?:[^./0-9A-Za-z]|$)`);
const bsdi = new RegExp(`^_${alphabet}{19}$`);

/**
 * Classifies field 2 of shadow or passwd as pam_unix (`verify_pwd_hash` of passverify.c) and crypt(3) of libxcrypt treat
 * it. A hash of a plausible form counts as usable even when its length is wrong: better a question than a leak.
 */
export function classifyCryptHash(field: string): CryptState {
  if (field === '') return 'empty';
  if (field.startsWith('!') || field.startsWith('*')) return 'locked';
  if (/[^\x21-\x7e]|[!*:;\\]/.test(field)) return 'invalid';
  if (field.startsWith('$')) {
    const setting = modular.map((form) => form.exec(field)?.[0]).find((match) => match !== undefined);
    return setting !== undefined && setting.length < field.length ? 'usable' : 'invalid';
  }
  return des.test(field) || bsdi.test(field) ? 'usable' : 'invalid';
}

/** The field with everything secret replaced: `$6$***`. Locked hashes are hashes too. */
export function maskCryptHash(field: string): string {
  if (field.length <= 1 || /^(?:[!*]+|\*LO?C?K\*|!locked)$/.test(field)) return field;
  const [, lock = '', method = ''] =
    /^([!*]*)(\$(?:1|2[abxy]?|3|5|6|7|g?y|md5(?:,rounds=\d+)?|sha1)\$|_)?/.exec(field) ?? [];
  return `${lock}${method}***`;
}
