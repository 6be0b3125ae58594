/** One thing that builds need or can use. */
export interface MachineCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Without it, this machine can't run steps at all; else it is a thing less. */
  readonly needed: boolean;
  /** What was found, in words. */
  readonly detail: string;
  /** A shell line that mends it. */
  readonly fix?: string;
}

/** What this machine offers, for `onebuild doctor`. */
export interface MachineReport {
  /** Steps can run here. */
  readonly ok: boolean;
  readonly checks: readonly MachineCheck[];
}
