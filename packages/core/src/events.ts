import type { Digest, StepId } from './brand.ts';
import type { ErrorCode } from './error-catalog.ts';
import type { SourceLocation } from './errors.ts';

/** How a step ended. `cached`: its result was there already; */
export type StepStatus = 'done' | 'cached' | 'failed' | 'canceled';

/**
 * What a build tells while it runs: facts, no wording. Displays render them; JSON lines carry them between processes.
 * `time` is milliseconds since the Unix epoch, sizes are bytes, durations milliseconds.
 */
export type BuildEvent = { readonly time: number } & (
  | { readonly type: 'build.started'; readonly version: string }
  /** The first RUN found its sandbox: `crun (root)`. Builds without RUN never say it. */
  | { readonly type: 'sandbox.chosen'; readonly isolation: string }
  /** All steps are known; `total` of them. */
  | { readonly type: 'build.planned'; readonly total: number }
  | {
      readonly type: 'step.started';
      readonly step: StepId;
      /** `RUN make`, `FROM debian:12`, `load context` */
      readonly name: string;
      /** Of a build of several targets: the one that the step is for; none where several stand on it. */
      readonly target?: string;
      /** Stage name or index in the Dockerfile, where the step comes from one. */
      readonly stage?: string;
      /** Position in its stage, from 1, and the number of steps there. */
      readonly position?: readonly [at: number, of: number];
      /** `linux/amd64`, or `linux/amd64->linux/arm64` for one that runs there and builds for another; none where several platforms stand on it. */
      readonly platform?: string;
      readonly location?: SourceLocation;
    }
  | {
      readonly type: 'step.output';
      readonly step: StepId;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'step.progress';
      readonly step: StepId;
      /** What moves: `pull sha256:abc`, `unpack`, `push sha256:def`, `hash` */
      readonly label: string;
      readonly current: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'files';
    }
  | {
      readonly type: 'step.finished';
      readonly step: StepId;
      readonly status: StepStatus;
      readonly ms: number;
      /** Why it ran, in words: the first input that differed. */
      readonly why?: string;
      /** A line worth keeping: `sent 3.2 MB, 4 layers mounted`. */
      readonly note?: string;
    }
  | {
      readonly type: 'warning';
      /** A lint rule or an engine warning. */
      readonly rule: string;
      readonly message: string;
      readonly location?: SourceLocation;
      readonly url?: string;
    }
  | { readonly type: 'image.built'; readonly image: BuiltImage }
  | {
      readonly type: 'build.finished';
      readonly ok: boolean;
      readonly ms: number;
      readonly ran: number;
      readonly cached: number;
      readonly error?: ErrorRecord;
      /** Of a build that made images. */
      readonly report?: BuildReport;
    }
);

/** What a build made, box by box. */
export interface BuildReport {
  /** One for each target and platform, in the order of the build. */
  readonly boxes: readonly BoxReport[];
  /** Milliseconds that the steps of all targets would have taken, each target by itself; waiting is not counted. */
  readonly separateMs: number;
  /** Milliseconds of the steps of this build, each once. */
  readonly ms: number;
  /** Of a build with caches that travel. */
  readonly cache?: CacheReport;
}

/** What caches that travel cost a build, and what they spared it. */
export interface CacheReport {
  /** Steps that were taken from a cache, with the milliseconds that they took where they ran. */
  readonly steps: readonly { readonly step: string; readonly savedMs: number }[];
  /** The sum of it. */
  readonly savedMs: number;
  /** Milliseconds to get what the caches know: several at a time count each. */
  readonly fetchMs: number;
  /** Milliseconds to get and unpack layers and cache mounts; several at a time count each. */
  readonly restoreMs: number;
  /** Milliseconds to write caches, after the images were published. */
  readonly exportMs: number;
  readonly fetchedBytes: number;
  readonly sentBytes: number;
  /** Cache mounts that were restored or saved. */
  readonly mounts: readonly CacheMountReport[];
}

export interface CacheMountReport {
  /** As the Dockerfile names it. */
  readonly id: string;
  /** Bytes that came and went for it; none: it did not. */
  readonly fetchedBytes?: number;
  readonly sentBytes?: number;
  /** Bytes of its files. */
  readonly size: number;
}

/** One image for one platform. */
export interface BoxReport {
  /** Of a build of several targets. */
  readonly target?: string;
  readonly platform: string;
  /** Of its manifest; none where only files were asked for. */
  readonly digest?: Digest;
  /** Compressed bytes of its layers. */
  readonly size: number;
  /** Bytes that registries had to be sent; what several boxes have in common is counted once, where it was sent. */
  readonly sentBytes: number;
  /** Milliseconds of the steps that it stands on, whoever else stands on them. */
  readonly ms: number;
}

/** One finished image or index. */
export interface BuiltImage {
  /** Of a build of several targets. */
  readonly target?: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly platforms: readonly string[];
  /** Compressed bytes of all layers, each counted once. */
  readonly size: number;
  /** References that now point at it. */
  readonly names: readonly string[];
  /** Where it went: `push`, `oci:out.tar`, `docker` */
  readonly outputs: readonly string[];
  /** Bytes that had to be sent to registries, and those that were there already or mounted. */
  readonly sentBytes: number;
  readonly reusedBytes: number;
}

/** An error as it crosses a process or network edge. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly location?: SourceLocation;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event before its time is put on. */
export type BuildFact = DistributiveOmit<BuildEvent, 'time'>;

/** Where a build tells its facts. Calls are cheap and never fail. */
export type EmitFact = (fact: BuildFact) => void;
