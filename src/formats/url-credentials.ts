/** Characters that are shown at most: the search takes time that grows with the square of the length. */
const longestText = 1000;

const userInfo = /(^|[\s"'=])([\w.]+\s*=\s*)?([a-z][\w+.-]*:\/\/)?[^\s"'/]*@/gi;

/**
 * A URL, or a line or message that names some, without user names and passwords: `http://user:secret@proxy`. With or
 * without a scheme, all that stands before the last `@` of the host counts, as a password may hold one itself.
 */
export function withoutCredentials(text: string): string {
  return text.slice(0, longestText).replace(userInfo, '$1$2$3***@');
}
