import { fault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { locate } from '../snippet.ts';
import { readCheckConfig } from './check-config.ts';
import type { LintWarning } from './lint-dockerfile.ts';

/**
 * Makes warnings an error where the Dockerfile asks for it with `# check=error=true`.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function assertLintPasses(dockerfile: Dockerfile, warnings: readonly LintWarning[]): void {
  const [first] = warnings;
  if (first === undefined || !readCheckConfig(dockerfile).error) return;
  const rules = [...new Set(warnings.map(({ rule }) => rule))].join(', ');
  throw fault('DOCKERFILE_INSTRUCTION', `${first.message} (checks that failed: ${rules})`, {
    location: locate(dockerfile, first.location),
    hint: 'The Dockerfile has "# check=error=true": correct it, or name the checks in "# check=skip=...".',
  });
}
