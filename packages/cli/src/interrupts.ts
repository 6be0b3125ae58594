import { constants } from 'node:os';
import { fault } from '@onebuild/core';

export interface Interrupts {
  /** Aborts with a CANCELED fault at the first signal. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal that came, as shells have it; undefined where none came. */
  exitCode(): number | undefined;
  /** Stops the work without a signal and without a word: nobody reads what it says (`| head`). */
  stopQuietly(): void;
}

/** Whether work was stopped by {@link Interrupts.stopQuietly}. */
export function isStoppedQuietly(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === nobodyReads;
}

const nobodyReads = fault('CANCELED', 'nobody reads standard output');

const watched = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type WatchedSignal = (typeof watched)[number];

/** The first signal asks for an orderly end; the same signal again calls `exit` at once. */
export function watchInterrupts(
  source: { on(name: WatchedSignal, listener: () => void): unknown },
  exit: (code: number) => void,
): Interrupts {
  const controller = new AbortController();
  const seen = new Set<WatchedSignal>();
  let code: number | undefined;
  for (const name of watched) {
    source.on(name, () => {
      const own = 128 + constants.signals[name];
      if (seen.has(name)) return exit(own);
      seen.add(name);
      code ??= own;
      controller.abort(fault('CANCELED', `stopped by ${name}`, { hint: '' }));
    });
  }
  return {
    signal: controller.signal,
    exitCode: () => code,
    stopQuietly: () => controller.abort(nobodyReads),
  };
}
