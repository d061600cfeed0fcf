import type { Evidence } from '../../engine/model.ts';
import { forTerminal } from '../escape.ts';
import { shorten, widthOf } from '../layout.ts';
import type { Palette } from '../palette.ts';

/** More places say nothing new. */
const shownPlaces = 5;
/** Evidence beside its path is readable from this width on. */
const narrowest = 30;

export function placeOf({ path, line }: Evidence): string {
  return forTerminal(line === undefined ? path : `${path}:${line}`);
}

/** Evidence as lines: place and text, the text below where both do not fit. */
export function evidenceLines(
  evidence: readonly Evidence[],
  indent: string,
  columns: number,
  palette: Palette,
): readonly string[] {
  const lines = evidence.slice(0, shownPlaces).flatMap((item) => {
    const place = placeOf(item);
    const text = forTerminal(item.text?.trim() ?? '');
    if (text === '') return [`${indent}${palette.info(place)}`];
    const left = columns - indent.length - widthOf(place) - 2;
    return left >= Math.min(narrowest, widthOf(text))
      ? [`${indent}${palette.info(place)}  ${palette.dim(shorten(text, left))}`]
      : [
          `${indent}${palette.info(place)}`,
          `${indent}  ${palette.dim(shorten(text, Math.max(narrowest, columns - indent.length - 2)))}`,
        ];
  });
  const hidden = evidence.length - shownPlaces;
  return hidden > 0 ? [...lines, `${indent}${palette.dim(`and ${hidden} more`)}`] : lines;
}
