/** One line of an authorized_keys file that sshd accepts as a key. */
export interface AuthorizedKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly type: string;
  readonly comment: string;
  /** Options as written, empty without any. */
  readonly options: string;
  /** The forced command only tells which user to log in as, and closes: cloud-init writes it for root (`disable_root_opts`). */
  readonly forcedNotice: boolean;
  readonly line: number;
}

const keyType =
  /^(?:(?:sk-)?(?:ssh-(?:rsa|dss|dsa|ed25519|ed448|xmss)|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-(?:256|512))(?:-cert-v\d\d)?(?:@openssh\.com)?)$/;

/**
 * Keys of an authorized_keys file, found as `auth_check_authkeys_line` of OpenSSH's auth2-pubkeyfile.c finds them: a key
 * at the start of the line, or after options that may hold quoted blanks. The Base64 itself is not decoded.
 */
export function parseAuthorizedKeys(text: string): readonly AuthorizedKey[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = (raw.split('\0', 1)[0] ?? '').replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (content === '' || content.startsWith('#')) return [];
    const plain = readKey(content);
    const end = plain ? 0 : endOfOptions(content);
    const key = plain ?? (end === undefined ? undefined : readKey(content.slice(end).trimStart()));
    if (!key) return [];
    const options = content.slice(0, end);
    return [{ ...key, options, forcedNotice: isNotice(options), line: index + 1 }];
  });
}

function readKey(text: string): { type: string; comment: string } | undefined {
  const [, type, comment] = /^(\S+)[ \t]+[A-Za-z0-9+/]{4,}={0,2}(?:[ \t]+(.*))?$/.exec(text) ?? [];
  return type !== undefined && keyType.test(type) ? { type, comment: comment ?? '' } : undefined;
}

/** `sshkey_advance_past_options`: the first blank outside quotes; undefined when a quote stays open. */
function endOfOptions(text: string): number | undefined {
  let quoted = false;
  let at = 0;
  for (; at < text.length && (quoted || (text[at] !== ' ' && text[at] !== '\t')); at++) {
    if (text[at] === '\\' && text[at + 1] === '"') at++;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted ? undefined : at;
}

function isNotice(options: string): boolean {
  return /(?:^|,)command="[^"]*Please login as the user /i.test(options);
}
