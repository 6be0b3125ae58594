export { completeTarget, type PartialTarget } from './complete-target.ts';
export type { Project, ProjectRegistry, Target, TargetRef } from './model.ts';
export { faultAt, locateOffset, longestFile, type TextFile } from './text-file.ts';
