import { fault, suggest } from '@onebuild/core';
import type { Repository } from './find-repository.ts';
import { lastWords, type RunGit } from './run-git.ts';

/** The branches and tags of a repository. */
export interface RefList {
  /** `refs/heads/main`, `refs/tags/v1.2`, `refs/remotes/origin/main` */
  readonly names: ReadonlySet<string>;
  /** `origin` */
  readonly remotes: readonly string[];
}

/** Names that are compared for a suggestion, at most. */
const mostCompared = 2000;

export async function listRefs(git: RunGit, { gitDir }: Repository): Promise<RefList> {
  const [refs, remotes] = await Promise.all([
    git([`--git-dir=${gitDir}`, 'for-each-ref', '--format=%(refname)', ...rooms]),
    git([`--git-dir=${gitDir}`, 'remote']),
  ]);
  if (refs.code !== 0) throw fault('GIT_FAILED', lastWords(refs));
  return { names: new Set(lines(refs.stdout)), remotes: lines(remotes.stdout) };
}

const rooms = ['refs/heads/', 'refs/tags/', 'refs/remotes/'] as const;

/** A ref as it is typed, without the room that it is in. */
export function shortName(ref: string): string {
  const room = rooms.find((start) => ref.startsWith(start));
  return room === undefined ? ref : ref.slice(room.length);
}

/** The ref that somebody may have meant. */
export function suggestRef(name: string, { names }: RefList): string | undefined {
  return suggest(name, [...names].slice(-mostCompared).map(shortName));
}

/** The branch that a ref of a remote stands for: `refs/remotes/origin/v1` is `v1`. */
export function branchOfRemote(ref: string, { remotes }: RefList): string | undefined {
  const remote = remotes.find((name) => ref.startsWith(`refs/remotes/${name}/`));
  return remote === undefined ? undefined : ref.slice(`refs/remotes/${remote}/`.length);
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
