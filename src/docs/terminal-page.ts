import { forTerminal } from '../reports/escape.ts';
import { hanging, wrap } from '../reports/layout.ts';
import type { Palette } from '../reports/palette.ts';

/** A generated page as terminal text. It knows the Markdown that `rule-page.ts` writes, no more. */
export function terminalPage(markdown: string, columns: number, palette: Palette): string {
  const lines: string[] = [];
  let language: string | undefined;
  for (const line of markdown.trimEnd().split('\n')) {
    if (line.startsWith('```')) language = language === undefined ? line.slice(3) : undefined;
    else if (language === 'text') lines.push(hanging('  - ', forTerminal(line), columns));
    else if (language !== undefined) lines.push(`    ${palette.dim('$')} ${forTerminal(line)}`);
    else if (/^#+ /.test(line)) lines.push(palette.bold(plain(line.replace(/^#+ /, ''))));
    else if (line.startsWith('- ')) lines.push(hanging('  - ', plain(line.slice(2)), columns));
    else lines.push(...wrap(plain(line), columns));
  }
  return `${lines.join('\n')}\n`;
}

/** Takes Markdown's marks away from the text of a line. */
function plain(text: string): string {
  return forTerminal(
    text
      .replace(/(`+) ?(.*?) ?\1/g, '$2')
      .replace(/(?<!\\)\[(.*?)(?<!\\)\]\([^)]*\)/g, '$1')
      .replace(/<(https:[^>]*)>/g, '$1')
      .replace(/\\([\\`*_[\]<>|#])/g, '$1'),
  );
}
