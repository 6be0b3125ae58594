import type { SourceLocation } from '@onebuild/core';
import type { Dockerfile } from '@onebuild/dockerfile';
import type { Platform } from '@onebuild/oci';
import type { BuildOptions } from '../build-options.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import type { GlobalArgs } from './global-args.ts';
import type { ImageSource } from './image-source.ts';
import type { KnownTarget } from './similar-target.ts';
import type { SourceResolver } from './source-resolver.ts';
import type { StageState } from './stage-state.ts';

/** What the translation of a Dockerfile into operations works with, for one target platform. */
export interface FrontendServices {
  readonly options: BuildOptions;
  /** Name of the target, where the build has several. */
  readonly targetName: string | undefined;
  /** Tells the Dockerfile apart from others that were built on this machine. */
  readonly origin: string;
  /** The other targets of the build, for hints. */
  readonly otherTargets: readonly KnownTarget[];
  readonly dockerfile: Dockerfile;
  readonly operations: OperationServices;
  readonly images: ImageSource;
  readonly sources: SourceResolver;
  /** What COPY, ADD and mounts take of the build context: filled while stages are read. */
  readonly taken: Set<string>;
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  /** With the snippet, for errors. */
  locate(location: SourceLocation): SourceLocation;
  /** Seconds that files of the stage's newest layer get inside the build; undefined: their real times (`preserve`). */
  insideTime(state: StageState): number | undefined;
  /** Whether the instruction of this text runs even where its result is there. */
  isUncached(state: StageState, name: string): boolean;
  /** Told of each stage that is read, with the environment of what it starts from. */
  onStage(index: number, environment: ReadonlyMap<string, string>): void;
  /** Variables that RUN sees and nothing keeps. */
  readonly proxy: Readonly<Record<string, string>>;
  /** Values of ARGs from outside: `--build-arg`, and what the engine sets by itself. */
  readonly globals: GlobalArgs;
}
