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
  /** A terminal that can't move its cursor. */
  readonly dumb?: boolean;
  /** Whether colours in the output of steps are passed on; programs in a step don't know where it ends up. */
  readonly outputColours?: boolean;
  readonly clock: Clock;
}

/** The display for a `--progress` mode; `auto` is `tty` on a terminal that can move its cursor, else `plain`. */
export function createDisplay(mode: ProgressMode, options: DisplayOptions): Display {
  const palette = createPalette(options.colours);
  const automatic = options.target.isTTY === true && options.dumb !== true ? 'tty' : 'plain';
  switch (mode === 'auto' ? automatic : mode) {
    case 'tty':
      return createTtyDisplay(options.target, { palette, clock: options.clock });
    case 'plain':
      return createPlainDisplay(options.target, { palette, outputColours: options.outputColours ?? true });
    case 'json':
    case 'rawjson':
      return createJsonDisplay(options.machineTarget);
    default:
      return createQuietDisplay(options.target, palette);
  }
}
