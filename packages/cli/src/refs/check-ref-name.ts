import { fault } from '@onebuild/core';

const longestName = 250;

/**
 * Refuses what is no name of a commit: options, ranges, paths in a commit, searches, and all that shells and git would take apart.
 * Names of branches and tags pass, and so do SHAs, `HEAD~1`, `v1.2^{}` and `main@{1}`.
 * @throws USAGE
 */
export function checkRefName(name: string): void {
  const why = whyNot(name);
  if (why === undefined) return;
  throw fault('USAGE', `--ref ${JSON.stringify(name.slice(0, 100))}: ${why}`, {
    hint: 'Name a branch, a tag or a commit, for example: --ref v1.2 --ref main --ref HEAD~1.',
  });
}

/** git-check-ref-format(1) and gitrevisions(7), as far as they matter for safety. */
function whyNot(name: string): string | undefined {
  if (name === '') return 'there is no name';
  if (name.length > longestName) return `a name has ${longestName} characters at most`;
  if (name.startsWith('-')) return 'a name does not start with a dash';
  if (name.startsWith('^')) return 'a name does not start with ^';
  if (name.includes('..')) return 'a range of commits cannot be built';
  const [odd] = /[\0-\x20\x7f:*?[\\]/.exec(name) ?? [];
  if (odd === undefined) return undefined;
  return odd === ' ' ? 'there is a space in it' : `${JSON.stringify(odd)} is not for names`;
}
