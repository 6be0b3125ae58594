import { fault } from '@onebuild/core';
import type { GitUrl } from './git-url.ts';
import type { GitResult } from './run-git.ts';

/**
 * The commit that a ref is on the server. A branch goes before a tag of the same name, as in `git checkout`; a full
 * commit is taken at its word. Undefined for a name that may be the beginning of a commit's.
 * @throws GIT_FAILED
 */
export async function resolveGitRef(
  source: GitUrl,
  run: (args: readonly string[]) => Promise<GitResult>,
): Promise<string | undefined> {
  const { remote, ref } = source;
  if (ref !== undefined && /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(ref)) return ref;
  const patterns = ref === undefined ? ['HEAD'] : [ref, `${ref}^{}`];
  const result = await run(['ls-remote', '--quiet', '--', remote, ...patterns]);
  if (result.code !== 0) throw fault('GIT_FAILED', lastWords(result));
  const refs = new Map<string, string>();
  for (const line of result.stdout.split('\n')) {
    const [, commit, name] = /^([0-9a-f]{40,64})\t(.+)$/.exec(line) ?? [];
    if (commit !== undefined && name !== undefined) refs.set(name, commit);
  }
  const commit = candidates(ref)
    .map((name) => refs.get(name))
    .find(Boolean);
  if (commit !== undefined || (ref !== undefined && /^[0-9a-f]{7,}$/.test(ref))) return commit;
  throw fault(
    'GIT_FAILED',
    ref === undefined ? 'the repository is empty' : `the repository has no ref ${JSON.stringify(ref)}`,
    {
      hint: 'Check the branch, tag or commit after `#`.',
    },
  );
}

function candidates(ref: string | undefined): readonly string[] {
  if (ref === undefined) return ['HEAD'];
  const full = ref.startsWith('refs/') ? ref : `refs/${ref}`;
  return [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `${full}^{}`, full, ref];
}

function lastWords({ stderr, code }: GitResult): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => /^(fatal|error|remote):/.test(line)) ?? `git ended with code ${code}`;
}
