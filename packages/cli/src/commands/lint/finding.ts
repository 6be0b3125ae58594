import type { SourceLocation } from '@onebuild/core';
import { type Dockerfile, indexSource, type LintSeverity, type TextEdit } from '@onebuild/dockerfile';

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
export function placeEdits(dockerfile: Dockerfile, edits: readonly TextEdit[]): readonly PlacedEdit[] {
  const index = indexSource(dockerfile);
  return edits.map((edit) => {
    const [line, column] = index.placeOf(edit.start);
    const [endLine, endColumn] = index.placeOf(edit.end);
    return { ...edit, line, column, endLine, endColumn };
  });
}
