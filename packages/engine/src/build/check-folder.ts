import { realpathSync } from 'node:fs';
import type { BuildFact } from '@onebuild/core';
import { parseDockerfile } from '@onebuild/dockerfile';
import type { BuildAllOptions, BuildAllResult, ContextSource, TargetOptions } from '../build-options.ts';
import { readDockerfile } from './open-context.ts';
import { lintTargets } from './prepare-target.ts';
import { nothingBuilt } from './write-outputs.ts';

export type FolderTarget = TargetOptions & {
  readonly context: Extract<ContextSource, { readonly type: 'folder' }>;
};

export function hasFolder(target: TargetOptions): target is FolderTarget {
  return target.context.type === 'folder';
}

/** `--check` of folders: reads and lints their Dockerfiles. No store is needed, and none is opened. */
export function checkFolders(
  options: Omit<BuildAllOptions, 'targets'> & { readonly targets: readonly FolderTarget[] },
  emit: (fact: BuildFact) => void,
): BuildAllResult {
  emit({ type: 'build.started', version: options.version });
  const jobs = options.targets.map((target) => {
    const file = readDockerfile({ path: realpathSync(target.context.path) }, target);
    return { dockerfile: parseDockerfile(file.text, { name: file.name }), file, options: target };
  });
  lintTargets(jobs, emit);
  return nothingBuilt(options.targets);
}
