import { fault } from '@onebuild/core';
import type { GitFacts } from '@onebuild/project';
import type { Repository } from './find-repository.ts';
import { branchOfRemote, type RefList, suggestRef } from './list-refs.ts';
import type { RunGit } from './run-git.ts';

/** A commit that was named. */
export interface ResolvedRef {
  /** As it was typed. */
  readonly ref: string;
  /** 40 hexadecimal digits, or 64. */
  readonly sha: string;
  readonly facts: GitFacts;
  /** Seconds since the epoch. */
  readonly commitTime: number;
}

export interface ResolveServices {
  readonly git: RunGit;
  readonly repository: Repository;
  readonly refs: RefList;
  readonly warn: (message: string) => void;
}

/**
 * The commit behind a name. A branch goes before a tag of the same name, as with `git checkout`; a branch that only a remote has is found
 * without the remote's name, where no other remote has it, too.
 * @throws REF_NOT_FOUND
 */
export async function resolveRef(name: string, services: ResolveServices): Promise<ResolvedRef> {
  const { git, repository } = services;
  const inRepository = async (...args: readonly string[]): Promise<string | undefined> => {
    const { code, stdout } = await git([`--git-dir=${repository.gitDir}`, ...args]);
    return code === 0 ? stdout.trim() : undefined;
  };
  const full = findFullName(name, services);
  const sha = await inRepository('rev-parse', '--verify', '--quiet', `${full ?? name}^{commit}`);
  if (sha === undefined || !/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(sha)) throw notFound(name, services);
  const [shown, described, checkedOut] = await Promise.all([
    inRepository('rev-list', '--max-count=1', '--format=%ct', sha, '--'),
    full === undefined ? inRepository('describe', '--tags', '--exact-match', sha) : undefined,
    name === 'HEAD' || name === '@' ? inRepository('symbolic-ref', '-q', '--short', 'HEAD') : undefined,
  ]);
  const commitTime = Number(/^(\d{1,12})$/m.exec(shown ?? '')?.[1]);
  if (!Number.isSafeInteger(commitTime)) throw fault('GIT_FAILED', `${name}: the commit has no time`);
  return {
    ref: name,
    sha,
    commitTime,
    facts: {
      sha,
      // what was named says how images are called: a branch whose commit has a tag, too, is meant as the branch
      branch: checkedOut ?? branchOf(full, services.refs),
      tag: full?.startsWith('refs/tags/') ? full.slice('refs/tags/'.length) : described,
      isDirty: false,
      time: new Date(commitTime * 1000).toISOString().replace('.000Z', 'Z'),
    },
  };
}

/** The branch or tag that a name means; undefined: it says where to go from one, or is a SHA. */
function findFullName(name: string, { refs, warn }: ResolveServices): string | undefined {
  if (refs.names.has(name)) return name;
  const [branch, tag] = [`refs/heads/${name}`, `refs/tags/${name}`];
  const known = [branch, tag, `refs/remotes/${name}`, `refs/${name}`].find((ref) => refs.names.has(ref));
  if (known === branch && refs.names.has(tag)) {
    warn(`--ref ${name}: there are a branch and a tag of this name; the branch is built, the tag is ${tag}`);
  }
  if (known !== undefined) return known;
  const others = refs.remotes.filter((remote) => refs.names.has(`refs/remotes/${remote}/${name}`));
  if (others.length > 1) {
    throw fault('REF_NOT_FOUND', `--ref ${name}: several remotes have a branch of this name`, {
      hint: `Name one of them: ${others.map((remote) => `--ref ${remote}/${name}`).join(', ')}.`,
    });
  }
  return others[0] === undefined ? undefined : `refs/remotes/${others[0]}/${name}`;
}

function branchOf(full: string | undefined, refs: RefList): string | undefined {
  if (full?.startsWith('refs/heads/')) return full.slice('refs/heads/'.length);
  return full === undefined ? undefined : branchOfRemote(full, refs);
}

function notFound(name: string, { refs, repository }: ResolveServices): Error {
  const meant = suggestRef(name, refs);
  const fetch = 'This clone has a part of the history only; get more of it: git fetch --unshallow --tags.';
  const hint =
    meant !== undefined
      ? `Did you mean ${meant}?`
      : repository.isShallow
        ? fetch
        : 'See `git branch --all` and `git tag`.';
  return fault('REF_NOT_FOUND', `--ref ${name}: the repository has no such branch, tag or commit`, { hint });
}
