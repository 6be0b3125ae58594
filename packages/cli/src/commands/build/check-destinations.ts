import { resolve } from 'node:path';
import type { CliContext } from '../../cli-context.ts';
import { checkOutputsFiles } from '../../outputs-file/find-outputs-files.ts';
import { checkDestination } from '../../settings/check-destination.ts';
import type { BuildFlags } from './build-flags.ts';
import type { ResolvedBuild } from './resolve-build.ts';

/**
 * Whether everything that the build is to write can be written, before it takes its time.
 * @throws FILE_ACCESS
 */
export function checkDestinations(
  { targets, shared }: Pick<ResolvedBuild, 'targets' | 'shared'>,
  { metadataFile, iidfile, outputsFile }: Pick<BuildFlags, 'metadataFile' | 'iidfile' | 'outputsFile'>,
  context: Pick<CliContext, 'env' | 'cwd'>,
): void {
  const { cwd } = context;
  checkOutputsFiles(context, outputsFile);
  checkDestination(shared.home, 'the store (ONEBUILD_HOME or --home)', 'folder');
  for (const output of targets.flatMap(({ options }) => options.outputs)) {
    if (output.type === 'local') checkDestination(output.dest, '--output', 'folder');
    else if ('dest' in output && 'path' in output.dest) {
      const isFolder = 'tar' in output && !output.tar;
      checkDestination(output.dest.path, '--output', isFolder ? 'folder' : 'file');
    }
  }
  for (const { location } of targets.flatMap(({ options }) => options.cacheTo ?? []))
    if (location.type === 'local') checkDestination(location.path, '--cache-to', 'folder');
  if (metadataFile !== undefined) checkDestination(resolve(cwd, metadataFile), '--metadata-file', 'file');
  if (iidfile !== undefined) checkDestination(resolve(cwd, iidfile), '--iidfile', 'file');
}
