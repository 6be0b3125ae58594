import { isFault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { type LintOptions, type LintWarning, lintDockerfile } from '../lint/lint-dockerfile.ts';
import { applyEdits, findEdits, type TextEdit } from './find-edits.ts';

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
    const warnings = lintDockerfile(current, options).filter(wanted);
    // one warning's edits correct all that its rule finds in the instruction
    const edits = new Map<string, readonly TextEdit[]>();
    for (const warning of warnings) {
      const key = keyOf(warning);
      if (!edits.has(key)) edits.set(key, findEdits(current, warning));
    }
    const text = applyEdits(current.text, [...edits.values()].flat());
    const next = text === current.text ? undefined : tryParse(text, current.name);
    if (next === undefined) break;
    for (const warning of warnings) if (edits.get(keyOf(warning))?.length !== 0) fixed.push(warning);
    current = next;
  }
  return { dockerfile: current, fixed };
}

function keyOf({ rule, location }: LintWarning): string {
  return `${rule}:${location.line}`;
}

function tryParse(text: string, name: string): Dockerfile | undefined {
  try {
    return parseDockerfile(text, { name });
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
