import { isFault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { type LintOptions, type LintWarning, lintDockerfile } from '../lint/lint-dockerfile.ts';
import { applyEdits, findEdits } from './find-edits.ts';

export interface FixOptions extends LintOptions {
  /** Which warnings are to be corrected; undefined: all. */
  readonly wanted?: (warning: LintWarning) => boolean;
}

export interface Fixed {
  readonly dockerfile: Dockerfile;
  /** What was corrected, with its place in the text before. */
  readonly fixed: readonly LintWarning[];
}

/** One correction may make room for another; more rounds than rules are never needed. */
const mostRounds = 8;

/** Corrects what can be corrected safely; everything else stays byte for byte. A text that is corrected comes out as it is. */
export function fixDockerfile(dockerfile: Dockerfile, options: FixOptions = {}): Fixed {
  const { wanted = () => true } = options;
  const fixed: LintWarning[] = [];
  let current = dockerfile;
  for (let round = 0; round < mostRounds; round++) {
    const found = lintDockerfile(current, options)
      .filter(wanted)
      .map((warning) => ({ warning, edits: findEdits(current, warning) }))
      .filter(({ edits }) => edits.length > 0);
    const text = applyEdits(
      current.text,
      found.flatMap(({ edits }) => edits),
    );
    const next = text === current.text ? undefined : tryParse(text, current.name);
    if (next === undefined) break;
    fixed.push(...found.map(({ warning }) => warning));
    current = next;
  }
  return { dockerfile: current, fixed };
}

function tryParse(text: string, name: string): Dockerfile | undefined {
  try {
    return parseDockerfile(text, { name });
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
