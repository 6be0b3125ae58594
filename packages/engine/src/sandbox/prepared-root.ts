import type { LauncherStep } from './launcher.ts';
import type { OverlayRoot } from './sandbox.ts';

/** A tree that the launcher or this process puts together for one command. */
export interface PreparedRoot {
  /** Where it will be, absolute. */
  readonly path: string;
  readonly steps: readonly LauncherStep[];
  /** Brings the changes into `upper`. Call it when the command has ended. */
  finish(): Promise<void>;
}

/** `name`: file-name safe and unique in the bundle. */
export type PrepareRoot = (
  root: OverlayRoot,
  options: { readonly bundle: string; readonly name: string; readonly signal: AbortSignal },
) => Promise<PreparedRoot>;
