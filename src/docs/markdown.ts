import { forMarkdown } from '../reports/escape.ts';

/** Blocks of a page with a blank line between them; empty blocks are left out. */
export function page(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Authors write plain text, with or without the full stop. */
export function sentence(text: string): string {
  return forMarkdown(/[.!?]$/.test(text) ? text : `${text}.`);
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

export function codeBlock(language: string, lines: readonly string[]): string {
  return `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
}

/** Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}

/** Links to pages of rules from a page that lies beside their areas. */
export function ruleLinks(ids: readonly string[]): string {
  return ids.map((id) => `[${id}](${id}.md)`).join(', ');
}
