import type { BuildOptions } from '../build-options.ts';

/** Whether a RUN was asked to run again: with everything, with its stage, or by its text. */
export function isUncached(
  noCache: BuildOptions['noCache'],
  { stage, name }: { readonly stage: string | undefined; readonly name: string },
): boolean {
  if (typeof noCache === 'boolean') return noCache;
  const { stages, steps = [] } = noCache;
  return (stage !== undefined && stages.includes(stage)) || steps.some((pattern) => matches(name, pattern));
}

/** `*` stands for any text, also for none. How lines are broken, how much space there is and how the keyword is written does not matter. */
function matches(text: string, pattern: string): boolean {
  const parts = plain(pattern).split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  const whole = plain(text);
  if (last === undefined) return whole === first;
  if (!whole.startsWith(first) || whole.length < first.length + last.length || !whole.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = whole.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= whole.length - last.length;
}

function plain(text: string): string {
  return text
    .replaceAll(/(?:\\?\s)+/g, ' ')
    .trim()
    .replace(/^[a-z]+ /, (keyword) => keyword.toUpperCase());
}
