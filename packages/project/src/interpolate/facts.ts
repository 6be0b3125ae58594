import type { GitFacts } from './git-facts.ts';

/** All that a project file may use besides itself. */
export interface Facts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined: the folder is in no repository, or nobody needs to know. */
  readonly git?: GitFacts | undefined;
  /** Build arguments of the command line; they win over those of the file. */
  readonly args?: Readonly<Record<string, string>>;
}

/** Whether the text may use facts of git: finding them out costs a process. */
export function mayUseGit(text: string): boolean {
  return text.includes('git.');
}
