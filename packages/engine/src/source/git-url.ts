import { fault } from '@onebuild/core';

/** A place in a git repository, as contexts and ADD name it. */
export interface GitUrl {
  /** What git is given. */
  readonly remote: string;
  readonly scheme: 'http' | 'https' | 'ssh' | 'git' | 'file';
  /** Branch, tag, full ref or commit; undefined: the default branch. */
  readonly ref?: string;
  /** Folder in the repository, clean, without leading slash. */
  readonly subdir?: string;
  /** Commit, or the beginning of its name (7 digits or more), that the ref has to be. */
  readonly checksum?: string;
  readonly submodules?: boolean;
  readonly keepGitDir?: boolean;
}

/** `user@host:path`, as ssh's scp reads it. */
const scpForm = /^[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:(?!\/\/)/;
/** An http URL is a repository when its path says so; else it is a file. */
const gitPath = /\.git$/;

/** Whether ADD takes `text` for a repository. `github.com/...` without a scheme is a path there. */
export function isGitUrl(text: string): boolean {
  if (scpForm.test(text)) return true;
  const [, scheme = ''] = /^([a-z]+):\/\/./.exec(text) ?? [];
  if (scheme === 'git' || scheme === 'ssh') return true;
  return (scheme === 'http' || scheme === 'https') && gitPath.test(withoutTail(text));
}

/** Whether a context is a repository: what ADD takes, and `github.com/user/repository`. */
export function isGitContext(text: string): boolean {
  return text.startsWith('github.com/') || isGitUrl(text);
}

/**
 * Reads the forms that BuildKit does: `https://host/path.git`, `git://`, `ssh://`, `git@host:path`, `github.com/user/repo`,
 * each with `#ref:subdir` or `?ref=&branch=&tag=&subdir=&checksum=&submodules=&keep-git-dir=`. `file://` is told apart
 * so that the fetcher can refuse it.
 * @throws CONTEXT_NOT_FOUND
 */
export function parseGitUrl(text: string): GitUrl {
  if (text.length > 4096 || /[\0-\x20\x7f]/.test(text))
    throw invalid(text, 'it has spaces or control characters');
  const full = text.startsWith('github.com/') ? `https://${text}` : text;
  const hash = full.indexOf('#');
  const fragment = hash < 0 ? '' : full.slice(hash + 1);
  const address = hash < 0 ? full : full.slice(0, hash);
  const mark = address.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : address.slice(mark + 1));
  const remote = mark < 0 ? address : address.slice(0, mark);
  const scheme = schemeOf(remote, text);
  const fromFragment = parseFragment(fragment, text);
  const fromQuery = parseQuery(query, text);
  for (const key of ['ref', 'subdir'] as const) {
    if (fromFragment[key] && fromQuery[key] && fromFragment[key] !== fromQuery[key]) {
      throw invalid(text, `it names two values of ${key}`);
    }
  }
  return { remote, scheme, ...fromFragment, ...fromQuery };
}

function withoutTail(text: string): string {
  return text.replace(/[?#].*$/s, '');
}

function schemeOf(remote: string, text: string): GitUrl['scheme'] {
  if (scpForm.test(remote)) return 'ssh';
  const [, scheme, first] = /^(https?|ssh|git|file):\/\/(.)/.exec(remote) ?? [];
  const url = scheme === undefined ? null : URL.parse(remote);
  if (url === null || (first === '/' && scheme !== 'file')) {
    throw invalid(text, 'it has no known scheme or no host');
  }
  // A host or user that starts with a dash would be an option to ssh.
  if (url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw invalid(text, 'its host starts with a dash');
  return scheme as GitUrl['scheme'];
}

type Parts = { -readonly [Key in keyof Omit<GitUrl, 'remote' | 'scheme'>]: GitUrl[Key] };

function parseFragment(fragment: string, text: string): Parts {
  const colon = fragment.indexOf(':');
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  const subdir = colon < 0 ? '' : fragment.slice(colon + 1);
  return {
    ...(ref !== '' && { ref: checkedRef(decoded(ref), text) }),
    ...(subdir !== '' && cleanSubdir(decoded(subdir), text)),
  };
}

function parseQuery(query: URLSearchParams, text: string): Parts {
  const parts: Parts = {};
  for (const [key, value] of query) {
    if (key === 'ref') parts.ref = checkedRef(value, text);
    else if (key === 'branch') parts.ref = checkedRef(`refs/heads/${value}`, text);
    else if (key === 'tag') parts.ref = checkedRef(`refs/tags/${value}`, text);
    else if (key === 'subdir') Object.assign(parts, cleanSubdir(value, text));
    else if (key === 'checksum' || key === 'commit') parts.checksum = checkedCommit(value, text);
    else if (key === 'submodules') parts.submodules = flag(value, text);
    else if (key === 'keep-git-dir') parts.keepGitDir = flag(value, text);
    else throw invalid(text, `nothing is known of its parameter ${JSON.stringify(key)}`);
  }
  const names = ['ref', 'branch', 'tag'].filter((key) => query.has(key));
  if (names.length > 1) throw invalid(text, `it has ${names.join(' and ')}; one is enough`);
  return parts;
}

/** git-check-ref-format(1), as far as safety goes: no options, no `..`, nothing that git would expand. */
function checkedRef(ref: string, text: string): string {
  if (ref.startsWith('-') || /\.\.|[\0-\x20\x7f~^:?*[\\]|@\{/.test(ref)) {
    throw invalid(text, `${JSON.stringify(ref)} is not the name of a ref`);
  }
  return ref;
}

/** @throws CONTEXT_NOT_FOUND */
export function checkedCommit(commit: string, text: string): string {
  if (!/^[0-9a-f]{7,64}$/.test(commit)) throw invalid(text, `${JSON.stringify(commit)} is not a commit`);
  return commit;
}

function cleanSubdir(path: string, text: string): { readonly subdir?: string } {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw invalid(text, 'its folder leaves the repository');
  return parts.length === 0 ? {} : { subdir: parts.join('/') };
}

function flag(value: string, text: string): boolean {
  if (value === '' || value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw invalid(text, `${JSON.stringify(value)} is neither true nor false`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(text: string, why: string): Error {
  const shown = JSON.stringify(text.slice(0, 300));
  return fault('CONTEXT_NOT_FOUND', `${shown} is not a git URL that can be used: ${why}`, {
    hint: 'Write it as `https://host/repository.git#ref:folder`.',
  });
}
