/** Columns that a text takes up. East Asian wide characters count as one, which can only make lines shorter than allowed. */
export function widthOf(text: string): number {
  return [...text.replace(/\p{Mark}/gu, '')].length;
}

/** Breaks a paragraph at spaces. A word longer than a line stands alone and is never cut, so that it can be copied. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A paragraph whose first line begins with `head` and whose other lines are indented by the same width. */
export function hanging(head: string, text: string, columns: number): string {
  const indent = ' '.repeat(widthOf(head));
  return wrap(text, Math.max(20, columns - indent.length))
    .map((line, index) => `${index === 0 ? head : indent}${line}`.trimEnd())
    .join('\n');
}

/** One line that ends in an ellipsis where it would be longer than `width`. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return `${[...text].slice(0, Math.max(1, width - 1)).join('')}…`;
}

/** `3 errors`, `1 error`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
