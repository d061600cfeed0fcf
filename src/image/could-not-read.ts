/**
 * Thrown when something in the image exists (or may exist) but cannot be seen: permission, a wrong file type,
 * a cap, a volume that was not given. Absence is never reported this way.
 */
export class CouldNotRead extends Error {
  /** Checked instead of `instanceof`, so that a plugin's own copy of this module is recognised too. */
  readonly code = 'COULD_NOT_READ';
  /** Absolute path inside the image. */
  readonly path: string;
  /** Completes the sentence "<path>: …". */
  readonly reason: string;
  /** What the user can do about it, in the imperative. */
  readonly advice?: string;

  constructor(path: string, reason: string, advice?: string) {
    super(advice === undefined ? `${path}: ${reason}` : `${path}: ${reason}; ${advice}`);
    this.name = 'CouldNotRead';
    this.path = path;
    this.reason = reason;
    if (advice !== undefined) this.advice = advice;
  }
}

export function isCouldNotRead(error: unknown): error is CouldNotRead {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'COULD_NOT_READ';
}

/** Runs `read` and hands a `CouldNotRead` back as a value, so that one unreadable file does not hide the others. */
export function attempt<T>(read: () => T): T | CouldNotRead {
  try {
    return read();
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}

/** All that could not be read, each thing and each piece of advice once. */
export function describeUnread(errors: readonly CouldNotRead[]): string {
  const reasons = new Set(errors.map(({ path, reason }) => `${path}: ${reason}`));
  const advice = new Set(errors.flatMap((error) => error.advice ?? []));
  return [...reasons, ...advice].join('; ');
}
