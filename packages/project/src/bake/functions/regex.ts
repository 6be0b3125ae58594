import { type Budget, spend } from '../hcl/budget.ts';
import type { HclValue } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';

/**
 * Patterns come from files that are not trusted, and this engine backtracks: what may take exponential time is refused, and
 * the steps that are possible at most, a power of the text's length, are bounded.
 */
function compile(pattern: string, subject: string, budget: Budget): RegExp {
  spend(budget, pattern.length * 10);
  if (pattern.length > 1000) throw new FunctionError('the pattern is longer than 1000 characters');
  checkRepetitions(pattern, subject.length);
  const flags = /^\(\?([ims]{1,3})\)/.exec(pattern);
  const body = flags === null ? pattern : pattern.slice(flags[0].length);
  try {
    return new RegExp(
      body.replaceAll('(?P<', '(?<').replaceAll('\\z', '$').replaceAll('\\A', '^'),
      `gu${flags?.[1] ?? ''}`,
    );
  } catch {
    throw new FunctionError(`the pattern is not valid: ${pattern}`);
  }
}

/** @throws FunctionError for a repeated group with a repetition or alternatives in it, back references, look-arounds */
function checkRepetitions(pattern: string, length: number): void {
  const open: { loops: boolean }[] = [{ loops: false }];
  let repetitions = 0;
  let choices = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) throw new FunctionError('back references are not supported');
      at++;
    } else if (char === '[') {
      at = endOfClass(pattern, at);
    } else if (char === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(at, at + 4)))
        throw new FunctionError('look-arounds are not supported');
      open.push({ loops: false });
    } else if (char === '|' || char === '?') {
      choices++;
      for (const group of open) group.loops = true;
    } else if (char === ')') {
      const group = open.pop();
      if (open.length === 0) throw new FunctionError('the pattern has a ) too many');
      if (group?.loops && /^[*+{]/.test(pattern.slice(at + 1, at + 20))) {
        throw new FunctionError('a repeated group with a repetition or alternatives in it is not supported');
      }
    } else if (char === '*' || char === '+' || (char === '{' && /^\{\d*,/.test(pattern.slice(at, at + 12)))) {
      for (const group of open) group.loops = true;
      repetitions++;
    }
  }
  if ((length + 1) ** (repetitions + 1) * 2 ** choices > 1e9) {
    throw new FunctionError('the pattern has too many repetitions for a text of this length');
  }
}

function endOfClass(pattern: string, start: number): number {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === ']' && at > start + 1) return at;
  }
  return pattern.length;
}

/** What a pattern without groups found is a text, with groups a list, with names an object. */
function toValue(found: RegExpExecArray): HclValue {
  const { groups } = found;
  if (groups !== undefined)
    return new Map(Object.entries(groups).map(([name, text]) => [name, text ?? null]));
  return found.length === 1 ? found[0] : found.slice(1).map((text): string | null => text ?? null);
}

export function findFirst(pattern: string, subject: string, budget: Budget): HclValue | undefined {
  const compiled = compile(pattern, subject, budget);
  const found = compiled.exec(subject);
  return found === null ? undefined : toValue(found);
}

export function findAll(pattern: string, subject: string, budget: Budget): HclValue {
  const compiled = compile(pattern, subject, budget);
  return [...subject.matchAll(compiled)].map((found) => toValue(found));
}

/** `$1`, `${1}` and `${name}` stand for what groups found. */
export function replacePattern(
  subject: string,
  { pattern, by }: { pattern: string; by: string },
  budget: Budget,
): string {
  const compiled = compile(pattern, subject, budget);
  return subject.replace(compiled, (...found: unknown[]) => {
    const groups = (typeof found.at(-1) === 'object' ? found.at(-1) : {}) as Record<string, string>;
    const made = by.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole: string, braced?: string, plain?: string) => {
      const name = braced ?? plain;
      if (name === undefined) return whole === '$$' ? '$' : whole;
      const value = /^\d+$/.test(name)
        ? found[Number(name)]
        : Object.hasOwn(groups, name)
          ? groups[name]
          : '';
      return typeof value === 'string' ? value : '';
    });
    spend(budget, made.length + 1);
    return made;
  });
}
