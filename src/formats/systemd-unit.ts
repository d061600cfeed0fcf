import type { Problem } from './problem.ts';

/** One `Key=value` of a unit file; an empty value resets lists. */
export interface UnitAssignment {
  readonly section: string;
  readonly key: string;
  /** Continuation lines joined by a blank. */
  readonly value: string;
  /** Line where the assignment begins, counted from 1. */
  readonly line: number;
  /** That line as the file has it. */
  readonly text: string;
}

export interface UnitFile {
  /** In file order, repeated keys included: a later file or line adds to it. */
  readonly assignments: readonly UnitAssignment[];
  /** systemd gives the file up: a section header without its closing bracket. */
  readonly isRejected: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Unit files and drop-ins as systemd's `config_parse` reads them: `#` and `;` lines are skipped even between
 * continuation lines, a backslash at the end of a line joins the next one, sections may repeat, assignments before the
 * first section are lost, and an unclosed section header makes it reject the file.
 */
export function parseUnitFile(text: string): UnitFile {
  const assignments: UnitAssignment[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n\r|\n|\r|\0/);
  let section: string | undefined;
  let isRejected = false;
  let pending: { content: string; line: number } | undefined;

  let index = -1;
  for (const raw of lines) {
    index += 1;
    const isLast = index === lines.length - 1;
    if (!(isLast && raw === '') && /^[ \t\n\r]*[#;]/.test(raw)) {
      if (!isLast || !pending) continue;
    } else {
      pending = { content: (pending?.content ?? '') + raw, line: pending?.line ?? index + 1 };
      if (endsInBackslash(pending.content)) {
        pending.content = `${pending.content.slice(0, -1)} `;
        if (!isLast) continue;
      }
    }

    const { content, line } = pending;
    pending = undefined;
    const logical = content.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
    if (logical === '') continue;
    if (logical.startsWith('[')) {
      if (!logical.endsWith(']')) {
        problems.push({ line, message: 'the section header is not closed, so systemd rejects the file' });
        isRejected = true;
        break;
      }
      section = logical.slice(1, -1);
      continue;
    }
    const separator = logical.indexOf('=');
    if (section === undefined || separator <= 0) {
      problems.push({
        line,
        message: section === undefined ? 'before the first section' : 'neither section nor Key=value',
      });
      continue;
    }
    assignments.push({
      section,
      key: logical.slice(0, separator).trimEnd(),
      value: logical.slice(separator + 1).trimStart(),
      line,
      text: lines[line - 1] ?? '',
    });
  }
  return { assignments, isRejected, problems };
}

/** The words of a list value, quotes removed (`extract_first_word` with `EXTRACT_UNQUOTE`). */
export function splitUnitList(value: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of value) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/[ \t\n\r]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** An even number of backslashes is a row of escaped ones. */
function endsInBackslash(content: string): boolean {
  const run = /\\+$/.exec(content);
  return run !== null && run[0].length % 2 === 1;
}
