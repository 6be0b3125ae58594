/**
 * - `error`: must not stay as it is
 * - `warning`: wrong, or of no use, with hardly an exception; the command ends with 1
 * - `note`: a matter of judgement; told, and no more
 */
export type LintSeverity = 'error' | 'warning' | 'note';

/** One check, as data: displays name it, pages of docs/lint and tests are made from it. */
export interface LintRule {
  /** One line. */
  readonly title: string;
  /** What is wrong with it and what to write instead; a paragraph. */
  readonly doc: string;
  readonly severity: LintSeverity;
  /** Keywords it looks at; none: all. */
  readonly instructions: readonly string[];
  /** A Dockerfile in which it is found; files by name where one does not tell. */
  readonly bad: LintExample;
  /** The same, as it should be. */
  readonly good: LintExample;
  /** `lint --fix` can correct it, at least in its common forms. */
  readonly fixable?: boolean;
  /** Off, unless `# check=experimental=...` or `--rule` names it. */
  readonly experimental?: boolean;
  /** Looks at several Dockerfiles together. */
  readonly scope?: 'folder';
}

export type LintExample = string | Readonly<Record<string, string>>;
