import { type Event, parseEvents, YAMLException } from 'js-yaml';
import { firstRefusal } from './pyyaml-refusals.ts';

/** Where and why PyYAML stops reading. `limit`: not PyYAML's refusal but a cap of this reader. */
export interface PyYamlError {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
  readonly limit?: true;
}

/** The parser's events; offsets refer to `source`, which has the lines of the text but not always its columns. */
export interface PyYamlEvents {
  readonly source: string;
  readonly events: readonly Event[];
}

const maximumDepth = 100;
/** Characters; a configuration file has some thousands. */
const maximumLength = 1_000_000;
/** Characters that are parsed again for the sake of repairs. */
const maximumReparsed = 20_000_000;

/** Deeper than any indentation that a parser could ask for. */
const padding = ' '.repeat(2 * maximumDepth);

/** Complement of what yaml/reader.py calls printable. */
const nonPrintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/**
 * Syntax of a YAML text under the rules of yaml/reader.py and yaml/scanner.py. js-yaml parses; what it accepts and
 * PyYAML does not is refused afterwards, and what PyYAML alone accepts is padded with blanks that mean nothing.
 */
export function readPyYamlEvents(text: string): PyYamlEvents | { readonly error: PyYamlError } {
  if (text.length > maximumLength) {
    return { error: { line: 1, message: `more than ${maximumLength} characters`, limit: true } };
  }
  const unprintable = nonPrintable.exec(text);
  if (unprintable) {
    const code = unprintable[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return { error: { line: lineAt(text, unprintable.index), message: `the character U+${code} is not allowed` } };
  }
  let source = text;
  let reparsed = 0;
  while (true) {
    try {
      const events = parseEvents(source, { maxDepth: maximumDepth });
      const refusal = firstRefusal(source, events);
      if (refusal === undefined) return { source, events };
      return { error: { line: lineAt(source, refusal.at), message: refusal.message } };
    } catch (exception) {
      if (!(exception instanceof YAMLException)) throw exception;
      const { reason, mark } = exception;
      const line = Math.min((mark?.line ?? 0) + 1, lineAt(source, source.length));
      const repaired = mark && repair(source, mark.position, reason);
      if (repaired === undefined) {
        return { error: { line, message: reason, ...(reason.includes('maxDepth') && { limit: true }) } };
      }
      reparsed += repaired.length;
      if (reparsed > maximumReparsed) {
        return { error: { line, message: 'too much text in brackets or quotes is not indented', limit: true } };
      }
      source = repaired;
    }
  }
}

/** Inside brackets and quotes PyYAML ignores indentation, and a comment may touch what closes them. */
function repair(source: string, position: number, reason: string): string | undefined {
  if (reason === 'deficient indentation') {
    const start = source.lastIndexOf('\n', position - 1) + 1;
    const lineStart = source.charAt(position) === '\n' ? position + 1 : start;
    const line = source.slice(lineStart, lineStart + padding.length);
    if (line === padding || /^(?:---|\.\.\.)(?:\s|$)/.test(line)) return undefined;
    return source.slice(0, lineStart) + padding + source.slice(lineStart);
  }
  if (source.charAt(position) === '#' && /["'\]}]/.test(source.charAt(position - 1))) {
    return `${source.slice(0, position)} ${source.slice(position)}`;
  }
  return undefined;
}
