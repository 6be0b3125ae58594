import type { LayerCompression, Output } from '../build-options.ts';
import type { StageState } from '../frontend/stage-state.ts';
import type { PreparedTarget } from './prepare-target.ts';

/** A target whose nodes are solved, or will be. */
export interface OutputJob {
  readonly target: PreparedTarget;
  /** One per platform. */
  readonly states: readonly StageState[];
}

export type FileOutput = Extract<Output, { readonly type: 'local' | 'tar' }>;
export type ImageOutput = Exclude<Output, FileOutput>;

/** The images of one target in one compression, with the outputs that they go to. */
export interface OutputGroup {
  readonly job: OutputJob;
  readonly compression: LayerCompression;
  readonly outputs: readonly ImageOutput[];
}

const defaultCompression: LayerCompression = { compression: 'gzip' };

export function isFileOutput(output: Output): output is FileOutput {
  return output.type === 'local' || output.type === 'tar';
}

/** Without outputs an image is made and kept; with files alone none is. */
export function outputGroups(job: OutputJob): readonly OutputGroup[] {
  const { outputs } = job.target.options;
  const images = outputs.filter((output): output is ImageOutput => !isFileOutput(output));
  const groups = Map.groupBy(
    outputs.length > 0 ? images : [{ type: 'store' } as const satisfies Output],
    (output: ImageOutput) => JSON.stringify(output.layers ?? defaultCompression),
  );
  return [...groups.values()].map((group) => ({
    job,
    compression: group[0]?.layers ?? defaultCompression,
    outputs: group,
  }));
}
