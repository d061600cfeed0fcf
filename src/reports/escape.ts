/**
 * Text from an image is hostile: a host name may be `::error::x`, a file may hold terminal control sequences. Every
 * report format has one function here through which such text passes before it is printed.
 */

/**
 * Characters that change what a reader sees without being seen: C0 and C1 controls, bidirectional and zero-width
 * controls, line and paragraph separators, variation and tag characters, and lone surrogates.
 */
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** `##[` and `##vso[` are commands to the runners of GitHub and Azure Pipelines anywhere in a line. */
const commandAnywhere = /##(?=\[|vso\[)/gi;

/** `::` is one at the start of a line, behind spaces and colours. A word may be wrapped to the start of a line. */
const commandAtWordStart = /(^|\s)::/g;

/** One line of plain text for a terminal or a log; what is not printable shows as an escape. */
export function forTerminal(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(unprintable, visibleEscape)
    .replace(commandAnywhere, '#\\x23')
    .replace(commandAtWordStart, '$1\\x3a:');
}

/** Text of several lines for a terminal: line breaks and tabs stay, what else is not printable shows as an escape. */
export function forTerminalLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : visibleEscape(character)));
}

function visibleEscape(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  // Python's surrogate escape of a byte that is not UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The same without C0 controls, which stand as escapes in a JSON text; its line breaks are layout. */
const unprintableInJson = new RegExp(unprintable.source.replace('\\u0000-\\u001f', ''), 'gu');

/** Escapes a finished JSON text without changing what it means: all that cannot be printed stands inside strings. */
export function forJson(json: string): string {
  return json.replace(unprintableInJson, utf16Escapes).replace(commandAnywhere, '#\\u0023');
}

function utf16Escapes(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** Text inside a Markdown paragraph or table cell. An underscore inside a name means nothing there and stays. */
export function forMarkdown(text: string): string {
  const pieces = forTerminal(text).split(/([\w.+-]+@[\w.-]+\w)/);
  return pieces
    .map((piece, index) =>
      // GitHub makes a mail address of `getty@tty1.service`, escaped or not, unless it is code.
      index % 2 === 1 ? `\`${piece}\`` : piece.replace(/[\\`*[\]<>|#]|(?<!\w)_|_(?!\w)/g, '\\$&'),
    )
    .join('');
}

/** Text inside Markdown code marks: nothing is escaped there, so the marks grow until they are longer than any inside. */
export function forMarkdownCode(text: string): string {
  const clean = forTerminal(text);
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const marks = '`'.repeat(longest + 1);
  const pad = clean.startsWith('`') || clean.endsWith('`') ? ' ' : '';
  return `${marks}${pad}${clean}${pad}${marks}`;
}

/** Text content of XML 1.0, of several lines. */
export function forXml(text: string): string {
  return forTerminalLines(text)
    .replace(commandAnywhere, '#\\x23')
    .replace(/[&<>]/g, (character) => xmlEntities[character] ?? character);
}

/** Value of an attribute of XML or HTML, between double quotes. */
export function forXmlAttribute(text: string): string {
  return forTerminal(text).replace(/[&<>"']/g, (character) => xmlEntities[character] ?? character);
}

const xmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Message of a workflow command of GitHub, as its own toolkit escapes it (`escapeData`). */
export function forWorkflowText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Property of a workflow command of GitHub (`escapeProperty`). */
export function forWorkflowProperty(text: string): string {
  return forWorkflowText(forTerminal(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Message of a logging command of Azure Pipelines; newer agents read a percent sign as `%AZP25`. */
export function forTaskText(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Property of a logging command of Azure Pipelines. */
export function forTaskProperty(text: string): string {
  return forTaskText(forTerminal(text)).replaceAll(']', '%5D').replaceAll(';', '%3B');
}
