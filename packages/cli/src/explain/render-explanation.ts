import { type ErrorCode, type ErrorKind, errorCatalog } from '@onebuild/core';
import { exitCodes } from '../exit-code.ts';
import { wrapText } from '../help/command-notes.ts';
import { buildCauses } from './build-causes.ts';
import { registryCauses } from './registry-causes.ts';

/** What brings each error about. */
export const causes: Readonly<Record<ErrorCode, readonly string[]>> = { ...buildCauses, ...registryCauses };

/** A page about one code, in at most `columns` columns. */
export function renderExplanation(code: ErrorCode, columns: number): string[] {
  const { kind, title, remedy, retryable } = errorCatalog[code];
  const bullet = (text: string): string[] => {
    const [first = '', ...more] = wrapText(text, columns - 4);
    return [`  - ${first}`, ...more.map((line) => `    ${line}`)];
  };
  return [
    `${code}: ${title}.`,
    '',
    `Kind ${kind}, exit code ${exitCodes[kind]}.${retryable ? ' May pass when tried again.' : ''}`,
    '',
    'What causes it:',
    ...causes[code].flatMap(bullet),
    '',
    'What to do:',
    ...wrapText(remedy, columns - 2).map((line) => `  ${line}`),
    '',
    `More, with an example: docs/errors/${kind}.md#${code.toLowerCase()}`,
  ];
}

/** All codes with their titles, by kind. */
export function renderCodes(): string[] {
  const entries = Object.entries(errorCatalog);
  const width = Math.max(...entries.map(([code]) => code.length));
  return (Object.keys(exitCodes) as ErrorKind[]).flatMap((kind, index) => [
    ...(index === 0 ? [] : ['']),
    `${kind} (exit code ${exitCodes[kind]})`,
    ...entries
      .filter(([, entry]) => entry.kind === kind)
      .map(([code, { title }]) => `  ${code.padEnd(width)}  ${title}`),
  ]);
}
