import type { OneBuildError, SourceLocation } from '@onebuild/core';
import {
  type Dockerfile,
  indexSource,
  lintRulePage,
  lintRules,
  type LintSeverity,
  type LintWarning,
  locate,
  readCheckConfig,
  type TextEdit,
} from '@onebuild/dockerfile';

/** One thing that was found; what all formats print. */
export interface Finding {
  /** A rule, or the code of the error for a file that cannot be read as a Dockerfile. */
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly message: string;
  /** With snippet. Of an image: its name, and no line that means something. */
  readonly location: SourceLocation;
  /** Number of the layer, from 1, where it was found in an image. */
  readonly layer?: number;
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

export function toFinding(
  dockerfile: Dockerfile,
  warning: LintWarning,
  edits: readonly PlacedEdit[] = [],
): Finding {
  const { rule, message, location } = warning;
  const { severity } = lintRules[rule];
  return {
    rule,
    severity: severity === 'warning' && readCheckConfig(dockerfile).error ? 'error' : severity,
    message,
    location: locate(dockerfile, location),
    page: lintRulePage(rule),
    edits,
  };
}

/** A file that cannot be read as a Dockerfile. */
export function toErrorFinding(error: OneBuildError, name: string): Finding {
  const { code, message, hint, location = { file: name, line: 1 } } = error;
  return { rule: code, severity: 'error', message, hint, location, edits: [] };
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
