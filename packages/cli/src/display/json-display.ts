import type { Display, DisplayTarget } from './display.ts';

/** One event per line, as JSON: the form that other programs read. */
export function createJsonDisplay(target: DisplayTarget): Display {
  return {
    show(event) {
      target.write(`${JSON.stringify(event)}\n`);
    },
    end() {},
  };
}
