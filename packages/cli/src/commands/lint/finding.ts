import type { SourceLocation } from '@onebuild/core';
import type { LintSeverity, TextEdit } from '@onebuild/dockerfile';

/** One thing that was found; what all formats print. */
export interface Finding {
  /** A rule, or the code of the error for a file that cannot be read as a Dockerfile. */
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly message: string;
  /** With snippet. */
  readonly location: SourceLocation;
  /** Page of the rule, from the top of the project. */
  readonly page?: string;
  readonly hint?: string;
  /** What `--fix` would change; places as in the file. */
  readonly edits: readonly PlacedEdit[];
}

/** Lines and columns from 1, in UTF-16 units; the end is exclusive. */
export interface PlacedEdit extends TextEdit {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Adds lines and columns to edits. */
export function placeEdits(text: string, edits: readonly TextEdit[]): readonly PlacedEdit[] {
  return edits.map((edit) => {
    const [line, column] = placeOf(text, edit.start);
    const [endLine, endColumn] = placeOf(text, edit.end);
    return { ...edit, line, column, endLine, endColumn };
  });
}

function placeOf(text: string, offset: number): [line: number, column: number] {
  const before = text.slice(0, offset);
  return [before.split('\n').length, offset - before.lastIndexOf('\n')];
}
