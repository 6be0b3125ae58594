import type { DisplayTarget } from './display.ts';

/** Lines are folded again, and the cursor is shown. */
export const terminalRestored = '\u001b[?7h\u001b[?25h';

/**
 * Gives the terminal back should the process end before its time, as by a second Ctrl-C.
 * @returns undoes it; whoever calls it gives the terminal back
 */
export function restoreAtExit(target: DisplayTarget): () => void {
  const restore = (): void => {
    target.write(terminalRestored);
  };
  process.once('exit', restore);
  return () => {
    process.off('exit', restore);
  };
}
