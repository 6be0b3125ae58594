import type { SourceLocation } from '@onebuild/core';
import type { Platform } from '@onebuild/oci';
import type { FileSource } from '../operations/file-source.ts';
import type { StageState } from './stage-state.ts';

/** Finds what names in a Dockerfile stand for: stages, named contexts, images. */
export interface SourceResolver {
  /** The build context. */
  context(): Promise<FileSource>;
  /** `--from=NAME` of COPY and RUN --mount, seen from `stage`. */
  from(name: string, stage: StageState, location: SourceLocation): Promise<FileSource>;
  /** Files at a URL, for ADD. */
  remote(request: RemoteRequest): Promise<RemoteSource>;
}

export interface RemoteRequest {
  readonly url: string;
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  readonly location: SourceLocation;
  readonly platform: Platform;
}

export interface RemoteSource {
  readonly source: FileSource;
  /** Of the file or folder in it. */
  readonly path: string;
  /** A git repository: its content is copied, as of a folder. */
  readonly isFolder: boolean;
}
