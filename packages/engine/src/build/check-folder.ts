import { realpathSync } from 'node:fs';
import type { BuildFact } from '@onebuild/core';
import { parseDockerfile } from '@onebuild/dockerfile';
import type { BuildOptions, BuildResult } from '../build-options.ts';
import { lintBuild } from './lint-build.ts';
import { readDockerfile } from './open-context.ts';

/** `--check` of a folder: reads and lints its Dockerfile. No store is needed, and none is opened. */
export function checkFolder(
  options: BuildOptions & { readonly context: { readonly type: 'folder' } },
  emit: (fact: BuildFact) => void,
): BuildResult {
  emit({ type: 'build.started', version: options.version });
  const file = readDockerfile({ path: realpathSync(options.context.path) }, options);
  const dockerfile = parseDockerfile(file.text, { name: file.name });
  lintBuild({ dockerfile, file, options, emit });
  return { images: [], metadata: {}, imageId: undefined };
}
