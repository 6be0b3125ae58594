import { fault } from '@onebuild/core';
import { trimStart } from './white-space.ts';

export type EscapeCharacter = '\\' | '`';

/** The comments at the top that direct the parser, as written. */
export interface Directives {
  readonly syntax?: string;
  readonly escape?: EscapeCharacter;
  readonly check?: string;
}

const directiveForm = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;

/**
 * Reads the comments at the very top of a Dockerfile that direct the parser. The first line that is no known directive ends them.
 * Dockerfile reference, "Parser directives".
 */
export interface DirectiveReader {
  done: boolean;
  escape: EscapeCharacter;
  readonly values: Map<DirectiveName, string>;
}

export type DirectiveName = 'syntax' | 'escape' | 'check';

export function createDirectiveReader(): DirectiveReader {
  return { done: false, escape: '\\', values: new Map() };
}

/**
 * Takes one line without its line break and leading white space; true when it was a directive.
 * @throws DOCKERFILE_PARSE for a directive that comes twice or has no valid value
 */
export function readDirective(
  reader: DirectiveReader,
  line: string,
  at: { file: string; line: number },
): boolean {
  if (reader.done) return false;
  const found = parseDirective(line);
  if (found === undefined) {
    reader.done = true;
    return false;
  }
  const { name, value } = found;
  if (reader.values.has(name)) {
    throw fault('DOCKERFILE_PARSE', `only one ${name} parser directive can be used`, { location: at });
  }
  reader.values.set(name, value);
  if (name === 'escape') {
    if (value !== '\\' && value !== '`') {
      throw fault('DOCKERFILE_PARSE', `the escape character must be \\ or \`, not ${JSON.stringify(value)}`, {
        location: at,
      });
    }
    reader.escape = value;
  }
  return true;
}

/** `# name=value` where name is a directive's. */
export function parseDirective(
  line: string,
): { readonly name: DirectiveName; readonly value: string } | undefined {
  if (!line.startsWith('#')) return undefined;
  const match = directiveForm.exec(trimStart(line.slice(1)));
  const name = match?.[1]?.toLowerCase();
  if (name !== 'syntax' && name !== 'escape' && name !== 'check') return undefined;
  return { name, value: (match?.[2] ?? '').trimEnd() };
}
