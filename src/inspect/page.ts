import { forTerminal } from '../reports/escape.ts';
import { hanging, widthOf } from '../reports/layout.ts';
import type { Palette } from '../reports/palette.ts';

export interface Page {
  readonly columns: number;
  readonly palette: Palette;
}

/** A name in the margin and what there is to say of it. */
export function row(name: string, text: string, { columns }: Page): string {
  const head = `  ${forTerminal(name)}`;
  return hanging(widthOf(head) < 16 ? head.padEnd(16) : `${head}  `, forTerminal(text), columns);
}
