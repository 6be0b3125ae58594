import { fault, isFault } from '@onebuild/core';
import { expandWord } from '@onebuild/dockerfile';
import type { Scope } from './scope.ts';

/**
 * Puts values in for `${name}` and `$name`, with the forms that Dockerfiles have: `${x:-y}`, `${x:+y}`, `${x:?y}`, `${x#p}`, `${x%p}`,
 * `${x/p/y}`. Unlike there, quotes are letters like any other, and a name that is unknown, or has no value where the form doesn't
 * say what is meant then, is a fault. A text without `$` stays as it is.
 * @throws PROJECT_EXPANSION without location
 */
export function interpolate(text: string, scope: Scope): string {
  if (!text.includes('$')) return text;
  try {
    return expandWord(text, scope, {
      plainQuotes: true,
      dottedNames: true,
      onUnset: (name) => scope.explainUnset(name),
    }).result;
  } catch (error) {
    if (!isFault(error, 'DOCKERFILE_EXPANSION')) throw error;
    const hint = error.hint.replaceAll('Set the variable with ENV or `--build-arg`', 'Set the variable');
    throw fault('PROJECT_EXPANSION', error.message, { hint, cause: error });
  }
}
