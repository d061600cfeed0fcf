/** The user asked for something that cannot be done: a bad flag, a bad configuration, an unknown name. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'code' in error && error.code === 'USAGE';
}
