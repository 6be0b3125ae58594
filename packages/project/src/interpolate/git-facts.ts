/** What is known of the commit that is built. Whoever resolves a project finds it out. */
export interface GitFacts {
  /** 40 hexadecimal digits, or 64. */
  readonly sha: string;
  /** Undefined where none is checked out. */
  readonly branch: string | undefined;
  /** A tag of this very commit. */
  readonly tag: string | undefined;
  /** Whether files differ from the commit. */
  readonly isDirty: boolean;
  /** When it was committed, as `2026-01-31T12:00:00Z`. */
  readonly time: string;
}

/** Names behind `git.`, and what they stand for. */
export const gitNames: Readonly<Record<string, (facts: GitFacts) => string | undefined>> = {
  sha: ({ sha }) => sha,
  sha6: ({ sha }) => sha.slice(0, 6),
  branch: ({ branch }) => branch,
  tag: ({ tag }) => tag,
  // so that ${git.dirty:+-dirty} says what it seems to say
  dirty: ({ isDirty }) => (isDirty ? 'dirty' : ''),
  time: ({ time }) => time,
};
