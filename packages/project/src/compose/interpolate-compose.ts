import { fault } from '@onebuild/core';

export type Lookup = (name: string) => string | undefined;

const form = /\$(?:\$|([a-zA-Z_]\w*)|\{)/g;

/**
 * Puts variables in, as compose files have them: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:?e}`, `${X?e}`, `${X:+r}`, `${X+r}`; `$$` is a dollar.
 * Calls `onUnset` for a name without value where the form has no answer; it is empty then.
 * @throws PROJECT_EXPANSION without location
 */
export function interpolateCompose(
  text: string,
  lookup: Lookup,
  { onUnset, depth = 0 }: { onUnset?: (name: string) => void; depth?: number } = {},
): string {
  if (!text.includes('$')) return text;
  if (depth > 20) throw fault('PROJECT_EXPANSION', 'variables are nested more than 20 levels deep');
  const matcher = new RegExp(form);
  let made = '';
  let from = 0;
  for (let found = matcher.exec(text); found !== null; found = matcher.exec(text)) {
    made += text.slice(from, found.index);
    from = matcher.lastIndex;
    if (found[0] === '$$') {
      made += '$';
    } else if (found[1] !== undefined) {
      made += read(found[1], lookup, onUnset);
    } else {
      const close = findClose(text, from);
      if (close === -1)
        throw fault('PROJECT_EXPANSION', 'the } behind ${ is missing', {
          hint: 'A plain dollar sign is written $$.',
        });
      made += expand(text.slice(from, close), lookup, { ...(onUnset && { onUnset }), depth });
      from = close + 1;
      matcher.lastIndex = from;
    }
    if (made.length > 1_000_000) throw fault('PROJECT_EXPANSION', 'the text gets too long');
  }
  return made + text.slice(from);
}

function findClose(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{' && text[at - 1] === '$') open++;
    if (text[at] === '}' && --open === 0) return at;
  }
  return -1;
}

function expand(
  inner: string,
  lookup: Lookup,
  options: { onUnset?: (name: string) => void; depth: number },
): string {
  const [, name = '', operator = '', rest = ''] = /^([a-zA-Z_]\w*)(?:(:?[-?+])([^]*))?$/.exec(inner) ?? [];
  if (name === '') {
    throw fault('PROJECT_EXPANSION', `\${${inner}} is not a form of a variable`, {
      hint: 'Forms are ${X}, ${X:-default}, ${X:?message} and ${X:+replacement}. A plain dollar sign is written $$.',
    });
  }
  const value = lookup(name);
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
  const other = (): string => interpolateCompose(rest, lookup, { ...options, depth: options.depth + 1 });
  if (operator.endsWith('-')) return isSet ? value : other();
  if (operator.endsWith('+')) return isSet ? other() : '';
  if (operator.endsWith('?') && !isSet) {
    throw fault('PROJECT_EXPANSION', `${name} has no value${rest === '' ? '' : `: ${other()}`}`, {
      hint: `Set ${name} in the environment or in .env.`,
    });
  }
  return read(name, lookup, options.onUnset);
}

function read(name: string, lookup: Lookup, onUnset?: (name: string) => void): string {
  const value = lookup(name);
  if (value === undefined) onUnset?.(name);
  return value ?? '';
}
