/** Something in a text that its real reader would reject, ignore or read otherwise than it looks. */
export interface Problem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}
