/** Colours by meaning; each wraps a text. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly active: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

function wrap(open: number, close: number): (text: string) => string {
  return (text) => `\u001b[${open}m${text}\u001b[${close}m`;
}

const same = (text: string): string => text;

const coloured: Palette = {
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warn: wrap(33, 39),
  active: wrap(36, 39),
  dim: wrap(2, 22),
  bold: wrap(1, 22),
};

const plain: Palette = { good: same, bad: same, warn: same, active: same, dim: same, bold: same };

/** No colours where `colours` is false: not a terminal, or NO_COLOR is set (https://no-color.org). */
export function createPalette(colours: boolean): Palette {
  return colours ? coloured : plain;
}
