import { fault, type SourceLocation } from '@onebuild/core';
import type { StageState } from './stage-state.ts';

/** Steps of a stage, and of the stages it stands on, that may make a layer. overlayfs takes 500, Docker runs 127. */
export const mostLayerSteps = 1000;
/** Bytes: Linux's PATH_MAX. */
export const longestPath = 4096;

/** @throws DOCKERFILE_STAGE */
export function checkLayerSteps({ made, label }: StageState, location: SourceLocation): void {
  if (made < mostLayerSteps) return;
  throw fault('DOCKERFILE_STAGE', `stage ${label} has more than ${mostLayerSteps} steps that change files`, {
    location,
    hint: 'Join steps; no machine could run an image of so many layers.',
  });
}

/** The path itself, for names that an image can have. @throws DOCKERFILE_INSTRUCTION */
export function checkedPath(path: string): string {
  if (Buffer.byteLength(path) <= longestPath) return path;
  throw fault('DOCKERFILE_INSTRUCTION', `a path has more than ${longestPath} bytes`, {
    hint: 'Write a shorter one.',
  });
}
