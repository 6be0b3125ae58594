import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fault, registerSecret, withFact } from '@onebuild/core';
import { resolvePath } from '../tree/resolve-path.ts';
import { createFolderTree } from './folder-tree.ts';
import { resolveGitRef } from './git-ref.ts';
import { checkedCommit, type GitUrl, parseGitUrl } from './git-url.ts';
import { type GitResult, type RunGitOptions, runGit } from './run-git.ts';

export interface FetchGitOptions {
  /** Where checkouts are kept between builds, by commit. */
  readonly dir: string;
  /** Where they are while they are made, on the same file system; `dir` where it is left out. */
  readonly temp?: string;
  /** Keep `.git` (ADD --keep-git-dir); the URL may say so, too. */
  readonly keepGitDir?: boolean;
  /** Commit that it has to be, or its first 7 digits or more. */
  readonly checksum?: string | undefined;
  /** Repositories on this machine's disk are refused otherwise. */
  readonly allowLocal?: boolean;
  /** For git beside the few variables that it gets: `SSH_AUTH_SOCK`, `HTTPS_PROXY`. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

/** Files of a commit. */
export interface GitCheckout {
  /** Absolute; must not be changed. */
  readonly path: string;
  readonly commit: string;
  /** When the commit was made, seconds since the epoch. */
  readonly commitTime: number;
}

/**
 * Checks out what a git URL names, as shallow as the server lets, with submodules; a commit that was checked out before
 * is there at once. No hook, filter or setting of the repository runs, and the folder never leads out of it.
 * @throws GIT_FAILED, CHECKSUM_MISMATCH, CONTEXT_NOT_FOUND, TOOL_MISSING
 */
export async function fetchGit(url: string, options: FetchGitOptions): Promise<GitCheckout> {
  const parsed = parseGitUrl(url);
  const asked: GitUrl = {
    ...parsed,
    ...(options.keepGitDir && { keepGitDir: true }),
    ...(options.checksum !== undefined && { checksum: checkedCommit(options.checksum, url) }),
  };
  if (asked.scheme === 'file' && !options.allowLocal) {
    throw fault('CONTEXT_NOT_FOUND', `${url}: repositories on this machine's disk are not fetched`, {
      hint: 'Give the folder itself as the context.',
    });
  }
  const { source, environment } = takeCredentials(asked);
  await mkdir(options.dir, { recursive: true });
  const run = gitRunner(source, { ...options, environment: { ...options.environment, ...environment } });
  try {
    const commit = await resolveGitRef(source, (args) => run(args, options.dir));
    if (commit !== undefined) checkCommit(commit, source);
    const known = commit && (await recall(checkoutPath(source, commit, options.dir)));
    const checkout =
      known || (await checkOut(source, commit, { dir: options.dir, temp: options.temp ?? options.dir, run }));
    return { ...checkout, path: insideCheckout(checkout.path, source) };
  } catch (error) {
    throw withFact(error, source.remote);
  }
}

type Run = (args: readonly string[], cwd: string) => Promise<GitResult>;

function gitRunner(source: GitUrl, { signal, environment }: FetchGitOptions): Run {
  const protocols = ['http', 'https', 'ssh', 'git', ...(source.scheme === 'file' ? ['file'] : [])];
  return (args, cwd) => {
    const options: RunGitOptions = { cwd, signal, environment, protocols };
    return runGit(args, options);
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What the server is to know goes with each request, and stands in no address: git would write that into its files, and other users
 * of the machine could read it among the arguments. It goes to that server alone.
 */
function takeCredentials(source: GitUrl): {
  readonly source: GitUrl;
  readonly environment: Readonly<Record<string, string>>;
} {
  if (source.scheme !== 'http' && source.scheme !== 'https') return { source, environment: {} };
  const { username, password, origin } = new URL(source.remote);
  if (username === '' && password === '') return { source, environment: {} };
  const [user, secret] = [decoded(username), decoded(password)];
  const basic = Buffer.from(`${user}:${secret}`).toString('base64');
  for (const value of [secret === '' ? user : secret, basic]) registerSecret(value);
  return {
    source: { ...source, remote: withoutCredentials(source) },
    environment: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    },
  };
}

function checkCommit(commit: string, { checksum, ref }: GitUrl): void {
  if (checksum === undefined || commit.startsWith(checksum)) return;
  throw fault(
    'CHECKSUM_MISMATCH',
    `${ref ?? 'the default branch'} is commit ${commit}, ${checksum} was asked for`,
  );
}

function checkoutPath(source: GitUrl, commit: string, dir: string): string {
  const { remote, keepGitDir = false, submodules = true } = source;
  const form = createHash('sha256')
    .update(JSON.stringify([remote, keepGitDir, submodules]))
    .digest('hex');
  return join(resolve(dir), `git-${commit}-${form.slice(0, 16)}`);
}

/** The note beside a checkout is written last: where it is, the checkout is whole. */
async function recall(path: string): Promise<GitCheckout | undefined> {
  try {
    const { commit, commitTime } = JSON.parse(await readFile(`${path}.json`, 'utf8')) as GitCheckout;
    return (await stat(path)).isDirectory() ? { path, commit, commitTime } : undefined;
  } catch {
    return undefined;
  }
}

async function checkOut(
  source: GitUrl,
  wanted: string | undefined,
  { dir, run, ...at }: { readonly dir: string; readonly temp: string; readonly run: Run },
): Promise<GitCheckout> {
  const temp = join(resolve(at.temp), `fetch-${randomUUID()}`);
  await mkdir(temp);
  try {
    const git = async (...args: readonly string[]) => mustWork(await run(args, temp));
    await git('init', '--quiet', '.');
    const commit = await fetchCommit(source, wanted, { git, attempt: (args) => run(args, temp) });
    checkCommit(commit, source);
    await git('checkout', '--quiet', '--force', '--detach', commit, '--');
    if (source.submodules !== false) await fetchSubmodules(source, temp, run);
    const time = Number((await git('rev-list', '--max-count=1', '--format=%ct', commit)).split('\n')[1]);
    if (source.keepGitDir) await git('config', 'remote.origin.url', withoutCredentials(source));
    else await removeGitFolders(temp);
    const path = checkoutPath(source, commit, dir);
    // Somebody else may have made the same one meanwhile; theirs is as good.
    await rename(temp, path).catch(ignoreTaken);
    await writeFile(`${path}.json`, JSON.stringify({ commit, commitTime: time }));
    return { path, commit, commitTime: time };
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

interface Git {
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly attempt: (args: readonly string[]) => Promise<GitResult>;
}

/** By commit first; servers that don't give single commits are asked for everything. */
async function fetchCommit(
  source: GitUrl,
  wanted: string | undefined,
  { git, attempt }: Git,
): Promise<string> {
  const { remote, ref } = source;
  if (wanted !== undefined) {
    const shallow = await attempt(['fetch', '--quiet', '--depth=1', '--no-tags', '--', remote, wanted]);
    if (shallow.code === 0) return wanted;
  }
  await git('fetch', '--quiet', '--tags', '--', remote, '+refs/heads/*:refs/remotes/origin/*');
  const found = await attempt([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${wanted ?? ref}^{commit}`,
  ]);
  const commit = found.stdout.trim();
  if (found.code === 0 && commit !== '') return commit;
  throw fault('GIT_FAILED', `the repository has no ${JSON.stringify(wanted ?? ref)}`, {
    hint: 'Check the branch, tag or commit after `#`.',
  });
}

async function fetchSubmodules(source: GitUrl, folder: string, run: Run): Promise<void> {
  if (!(await stat(join(folder, '.gitmodules')).catch(() => undefined))) return;
  // Relative addresses of submodules start from here.
  mustWork(await run(['config', 'remote.origin.url', source.remote], folder));
  const update = ['submodule', '--quiet', 'update', '--init', '--recursive'];
  const shallow = await run([...update, '--depth=1'], folder);
  if (shallow.code !== 0) mustWork(await run(update, folder));
}

function mustWork(result: GitResult): string {
  if (result.code === 0) return result.stdout;
  const lines = result.stderr.trim().split('\n');
  const full = lines.find((line) => /No space left on device|Disk quota exceeded/.test(line));
  if (full !== undefined) throw fault('DISK_FULL', full);
  const said =
    lines.find((line) => /^ssh: |Permission denied \(|Host key verification/.test(line)) ??
    lines.findLast((line) => /^(fatal|error|remote):/.test(line)) ??
    lines.at(-1);
  throw fault('GIT_FAILED', said || `git ended with code ${result.code}`);
}

function withoutCredentials({ remote, scheme }: GitUrl): string {
  if (scheme !== 'http' && scheme !== 'https') return remote;
  const url = new URL(remote);
  url.username = '';
  url.password = '';
  return url.href;
}

/** git never tracks a path with this name, so whatever has it is git's own, also in submodules. */
async function removeGitFolders(folder: string): Promise<void> {
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.name === '.git') await rm(path, { recursive: true, force: true });
    else if (item.isDirectory()) await removeGitFolders(path);
  }
}

function ignoreTaken(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
}

function insideCheckout(path: string, { subdir }: GitUrl): string {
  if (subdir === undefined) return path;
  const tree = createFolderTree(path, {});
  const real = resolvePath(tree, subdir, { followLast: true });
  if (tree.get(real)?.type === 'dir') return join(path, real);
  throw fault('CONTEXT_NOT_FOUND', `the repository has no folder ${JSON.stringify(subdir)}`);
}
