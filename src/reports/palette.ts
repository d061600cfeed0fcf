/** The only colours of all text that the program prints. Each takes printable text and gives it back, perhaps coloured. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly error: Paint;
  readonly warning: Paint;
  readonly info: Paint;
  readonly good: Paint;
  readonly unknown: Paint;
}

export type Paint = (text: string) => string;

const plain: Paint = (text) => text;

function ansi(open: number, close: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`);
}

export function paletteOf(colour: boolean): Palette {
  if (!colour) {
    return { bold: plain, dim: plain, error: plain, warning: plain, info: plain, good: plain, unknown: plain };
  }
  return {
    bold: ansi(1, 22),
    dim: ansi(2, 22),
    error: ansi(31, 39),
    warning: ansi(33, 39),
    info: ansi(36, 39),
    good: ansi(32, 39),
    unknown: ansi(35, 39),
  };
}
