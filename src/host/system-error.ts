/** `code` of an error of the operating system, such as ENOENT; the text of anything else that was thrown. */
export function systemErrorCode(error: unknown): string {
  // Not `instanceof Error`: errors of the system may come from another realm than this module.
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return String(error);
}
