import type { Digest, SourceLocation, StepStatus } from '@onebuild/core';

/** How displays call a step. Hints only: none of it is part of a node's identity. */
export interface StepLabel {
  readonly name: string;
  readonly target?: string;
  readonly stage?: string;
  readonly position?: readonly [at: number, of: number];
  readonly platform?: string;
  /** The platform that is built for, where the step runs on another one. */
  readonly crossTo?: string;
  readonly location?: SourceLocation;
  /** Which context it belongs to, for the records of this machine; not told. */
  readonly origin?: string;
  /** Not shown as a step of its own, unless it takes long or fails. */
  readonly quiet?: boolean;
}

/**
 * One operation of a build. `key` is the definition key: the digest of exactly what can change its result, as asked (kind, parameters,
 * keys of its inputs). Nodes with equal keys are one node.
 */
export interface Node<T> {
  readonly key: Digest;
  readonly kind: string;
  readonly inputs: readonly Node<unknown>[];
  readonly label: StepLabel;
  /** Takes one of the `--jobs` places while it runs. */
  readonly heavy: boolean;
  run(context: StepContext): Promise<T>;
  /** Without doing it: why `run` would have work, in words; undefined: what it makes is there. The inputs have their results. */
  readonly foresee?: (context: StepContext) => Promise<string | undefined>;
}

/** What an operation gets when it runs; its inputs have their results by then. */
export interface StepContext {
  readonly signal: AbortSignal;
  result<T>(node: Node<T>): T;
  output(stream: 'stdout' | 'stderr', text: string): void;
  progress(label: string, current: number, total?: number): void;
  /** From here on it only waits for what another step does: its place is for others. */
  waits(): void;
  /** Says how the step went when it is not plainly `done`. */
  finished(how: { readonly status?: StepStatus; readonly why?: string; readonly note?: string }): void;
}

export interface NodeSpec<T> {
  readonly kind: string;
  /** What of the operation itself can change its result: plain JSON values. */
  readonly parameters: unknown;
  readonly inputs: readonly Node<unknown>[];
  readonly label: StepLabel;
  readonly heavy?: boolean;
  run(context: StepContext): Promise<T>;
  readonly foresee?: (context: StepContext) => Promise<string | undefined>;
}
