import type { Evidence } from '../engine/model.ts';
import { isCouldNotRead } from '../image/could-not-read.ts';
import type { Account } from './accounts.ts';

/** One credential of an account: how a sentence names it, and where it is. */
interface Credential {
  readonly name: string;
  readonly evidence: readonly Evidence[];
}

/** What makes an account of use to whoever knows its name: ways to log in, and rights without a password. */
export function credentialsOf({ password, authorizedKeys, sudo }: Account): readonly Credential[] {
  const state = isCouldNotRead(password) ? undefined : password;
  const keys = authorizedKeys.flatMap((file) => (isCouldNotRead(file) ? [] : file.keys));
  const rights = sudo.filter(({ passwordless }) => passwordless).map(({ evidence }) => evidence);
  return [
    ...(state?.state === 'usable' ? [{ name: 'a usable password', evidence: [state.evidence] }] : []),
    ...(state?.state === 'empty' ? [{ name: 'an empty password', evidence: [state.evidence] }] : []),
    ...(keys.length > 0 ? [{ name: 'authorized SSH keys', evidence: keys }] : []),
    ...(rights.length > 0 ? [{ name: 'sudo without a password', evidence: rights }] : []),
  ];
}
