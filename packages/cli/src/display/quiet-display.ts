import type { Display } from './display.ts';

/** Shows nothing while it builds; the command prints the image's id at the end. */
export function createQuietDisplay(): Display {
  return { show() {}, end() {} };
}
