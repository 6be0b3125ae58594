import type { Clock } from '@onebuild/core';
import type { Display, DisplayTarget, ProgressMode } from './display.ts';
import { createJsonDisplay } from './json-display.ts';
import { createPalette } from './palette.ts';
import { createPlainDisplay } from './plain-display.ts';
import { createQuietDisplay } from './quiet-display.ts';
import { createTtyDisplay } from './tty-display.ts';

export interface DisplayOptions {
  /** For people. */
  readonly target: DisplayTarget & { readonly isTTY?: boolean | undefined };
  /** For JSON lines. */
  readonly machineTarget: DisplayTarget;
  readonly colours: boolean;
  readonly clock: Clock;
}

/** The display for a `--progress` mode; `auto` is `tty` on a terminal, else `plain`. */
export function createDisplay(mode: ProgressMode, options: DisplayOptions): Display {
  const palette = createPalette(options.colours);
  switch (mode === 'auto' ? (options.target.isTTY === true ? 'tty' : 'plain') : mode) {
    case 'tty':
      return createTtyDisplay(options.target, { palette, clock: options.clock });
    case 'plain':
      return createPlainDisplay(options.target, palette);
    case 'json':
    case 'rawjson':
      return createJsonDisplay(options.machineTarget);
    default:
      return createQuietDisplay();
  }
}
