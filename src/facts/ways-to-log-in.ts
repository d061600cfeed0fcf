import type { Evidence } from '../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { Account } from './accounts.ts';

/** What opens a session of an account: its password and its keys. Without a login shell nothing does. */
export interface WaysToLogIn {
  readonly ways: readonly Evidence[];
  /** Places that may hold another way. */
  readonly unread: readonly CouldNotRead[];
}

export function waysToLogIn({ hasLoginShell, password, authorizedKeys }: Account): WaysToLogIn {
  if (!hasLoginShell) return { ways: [], unread: [] };
  const hasPassword = !isCouldNotRead(password) && (password.state === 'usable' || password.state === 'empty');
  return {
    ways: [
      ...(hasPassword ? [password.evidence] : []),
      ...authorizedKeys.flatMap((file) => (isCouldNotRead(file) ? [] : file.keys)),
    ],
    unread: [password, ...authorizedKeys].filter(isCouldNotRead),
  };
}
