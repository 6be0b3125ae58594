import type { SourceLocation } from '@onebuild/core';
import type { Stage } from '@onebuild/dockerfile';
import type { Healthcheck, HistoryEntry, ImageConfig, Platform } from '@onebuild/oci';
import type { Node } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';

/** One line of an image's history; `node` is the file system after it, where it may have changed. */
export interface HistoryLine {
  readonly createdBy: string;
  readonly comment?: string;
  readonly node?: Node<Snapshot>;
}

/** RunConfig while it is being written. */
export interface MutableConfig {
  User?: string;
  ExposedPorts?: Record<string, Record<string, never>>;
  Env?: string[];
  Entrypoint?: readonly string[] | null;
  Cmd?: readonly string[] | null;
  Volumes?: Record<string, Record<string, never>>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  OnBuild?: string[];
  Shell?: readonly string[];
  Healthcheck?: Healthcheck;
  ArgsEscaped?: boolean;
}

/** A stage while its instructions are read: the image that it is so far. */
export interface StageState {
  readonly stage: Stage;
  /** Name for messages and displays. */
  readonly label: string;
  readonly platform: Platform;
  readonly config: MutableConfig;
  author: string | undefined;
  /** What expansion and RUN see: ENV and declared ARGs, the later one wins. */
  readonly env: Map<string, string>;
  /** ARGs that were declared, for RUN's history line; in order. */
  readonly args: Map<string, string | undefined>;
  snapshot: Node<Snapshot>;
  /** Layers made since the base: the logical clock of times inside the build. */
  made: number;
  /** Seconds; files made by the stage are younger than the base's. */
  readonly startTime: number;
  readonly baseHistory: readonly HistoryEntry[];
  readonly baseConfig: ImageConfig | undefined;
  readonly history: HistoryLine[];
  /** CMD was written in this stage (ENTRYPOINT then leaves it). */
  cmdSet: boolean;
  /** Triggers of the base that still have to be told apart from own ones. */
  readonly location: SourceLocation;
}
