import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@onebuild/core';

/** A stream of this process that may be a terminal. */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** All that commands may use of the process they run in. Made once, by the entry file. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  readonly uid: number;
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Aborts when the user or the system asks the process to stop. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly version: string;
  /** The command line that starts this program again, without its arguments. */
  readonly self: readonly string[];
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  /** What the process exits with when no error is thrown. */
  exitCode: number;
}
