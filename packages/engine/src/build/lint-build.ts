import type { BuildFact } from '@onebuild/core';
import {
  assertLintPasses,
  type Dockerfile,
  type LintOptions,
  lintDockerfile,
  locate,
} from '@onebuild/dockerfile';
import type { BuildOptions } from '../build-options.ts';
import type { DockerfileText } from './open-context.ts';

export interface LintJob {
  readonly dockerfile: Dockerfile;
  readonly file: Pick<DockerfileText, 'ignore'>;
  readonly options: Pick<BuildOptions, 'buildArgs'>;
  readonly emit: (fact: BuildFact) => void;
}

/**
 * Tells every warning about the Dockerfile. `known`: what only a build knows of stages and bases.
 * @throws DOCKERFILE_INSTRUCTION where the Dockerfile asks for warnings to be errors
 */
export function lintBuild(
  { dockerfile, file, options, emit }: LintJob,
  known: Pick<LintOptions, 'stages' | 'baseEnvironments'> = {},
): void {
  const { buildArgs } = options;
  const { ignore } = file;
  const warnings = lintDockerfile(dockerfile, { buildArgs, ...known, ...(ignore && { ignore }) });
  for (const { rule, message, location } of warnings) {
    emit({ type: 'warning', rule, message, location: locate(dockerfile, location) });
  }
  assertLintPasses(dockerfile, warnings);
}
