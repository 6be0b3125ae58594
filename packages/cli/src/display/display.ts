import type { BuildEvent } from '@onebuild/core';

/** Shows a build to somebody. Fed with every event, in order. */
export interface Display {
  show(event: BuildEvent): void;
  /** Shows what is still held back and gives the terminal back. The build is over. */
  end(): void;
}

/** Where a display writes; a terminal when `columns` is set. */
export interface DisplayTarget {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export const progressModes = ['auto', 'tty', 'plain', 'json', 'rawjson', 'quiet', 'none'] as const;
export type ProgressMode = (typeof progressModes)[number];
