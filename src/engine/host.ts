/** What the surroundings must supply; the core itself touches no host. */
export interface Host {
  /** The moment that dates are judged by. */
  readonly now: () => Date;
  /** SHA-256 of the UTF-8 bytes, lower-case hexadecimal. */
  readonly sha256: (text: string) => string;
}
