import { allEnded } from '../graph/all-ended.ts';
import { timedTree } from '../stack/snapshot-tree.ts';
import type { FileOutput, OutputJob } from './output-groups.ts';
import type { OutputServices } from './write-outputs.ts';

export function fileOutputName(output: FileOutput): string {
  if (output.type === 'local') return `write files to ${output.dest}`;
  return `write tar${'path' in output.dest ? ` ${output.dest.path}` : ''}`;
}

/** `local` and `tar`: no layer has to be made for them. */
export async function writeFiles(
  { states, target }: OutputJob,
  output: FileOutput,
  { scheduler, options: { signal } }: OutputServices,
): Promise<{ readonly note?: string }> {
  const { writeLocalFiles, writeTarFiles } = await import('../output/local-files.ts');
  const results = await allEnded(
    states.map(async (state) => ({
      platform: state.platform,
      tree: await timedTree(await scheduler.solve(state.snapshot), target.times.layers),
    })),
  );
  if (output.type === 'tar') {
    await writeTarFiles(results, { dest: output.dest, signal });
    return {};
  }
  const skipped = await writeLocalFiles(results, { dest: output.dest, signal });
  return skipped.length === 0 ? {} : { note: `left out ${skipped.length} devices and pipes` };
}
