import type { ErrorKind, OneBuildError } from '@onebuild/core';
import type { Palette } from './display/palette.ts';

/** Kinds of which nobody needs a page to understand them: the hint names the help of the command. */
const selfEvident: ReadonlySet<ErrorKind> = new Set(['usage', 'canceled', 'internal']);

/** An error for people: code and message, the place with its snippet, what to do next, and where to read on. */
export function renderError(error: OneBuildError, palette: Palette): string[] {
  const [first = '', ...more] = clean(error.message).split('\n');
  const lines = [
    `${palette.bad('error')} ${palette.bold(error.code)}: ${first}`,
    ...more.map((l) => `  ${l}`),
  ];
  const { location } = error;
  if (location !== undefined) {
    const column = location.column === undefined ? '' : `:${location.column}`;
    lines.push(palette.dim(`  --> ${clean(location.file)}:${location.line}${column}`));
    if (location.snippet !== undefined) {
      lines.push(
        ...clean(location.snippet)
          .split('\n')
          .map((line) => `  ${line}`.trimEnd()),
      );
    }
  }
  if (error.hint !== '' && error.kind !== 'canceled')
    lines.push(`  ${palette.active('hint')}: ${clean(error.hint)}`);
  if (!selfEvident.has(error.kind)) lines.push(palette.dim(`  more: onebuild explain ${error.code}`));
  return lines;
}

/** Stacks of an error and its causes, for `--debug`. */
export function renderStack(error: unknown): string[] {
  const lines: string[] = [];
  let current = error;
  for (let depth = 0; current instanceof Error && depth < 8; depth++) {
    lines.push(...`${depth === 0 ? '' : 'caused by '}${current.stack ?? current.message}`.split('\n'));
    current = current.cause;
  }
  return lines;
}

/** Messages may quote foreign bytes: nothing in them steers the terminal. */
function clean(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
