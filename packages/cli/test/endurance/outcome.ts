/** What a moment did. */
export interface Outcome {
  /** The operation and the state it began in. */
  readonly name: string;
  /** What was killed or full; undefined where all had ended before. */
  readonly what: string | undefined;
  /** From the start to the signal; or the size of the disk. */
  readonly at: number;
  /** What it takes undisturbed. */
  readonly whole: number;
  readonly unit: 'ms' | 'bytes';
}
