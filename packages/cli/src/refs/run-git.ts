import { spawn } from 'node:child_process';
import { fault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';

export interface GitAnswer {
  readonly code: number;
  readonly stdout: string;
  /** Its last 8000 characters. */
  readonly stderr: string;
}

/** Runs git with arguments; variables go over those of the user. @throws TOOL_MISSING, CANCELED, GIT_FAILED for endless answers */
export type RunGit = (
  args: readonly string[],
  variables?: Readonly<Record<string, string>>,
) => Promise<GitAnswer>;

/** Characters of an answer, at most; the longest is the list of all refs. */
const longestAnswer = 32 * 2 ** 20;

/** What would make git write into the repository, or start programs that the user did not ask for. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // parts of an index would be kept in the repository
  'core.splitIndex=false',
  'core.untrackedCache=false',
  // all files are wanted, whatever the user has checked out
  'core.sparseCheckout=false',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
] as const;

/** Of a hook, or of another git that we were started by: they would lead to another repository. */
const foreignVariables = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
  'GIT_ATTR_SOURCE',
] as const;

/** The user's git with the user's settings, so that filters (line endings, Git LFS) work; files are made with modes 0644 and 0755. */
export function createGit({ env, signal }: Pick<CliContext, 'env' | 'signal'>): RunGit {
  const own: Record<string, string | undefined> = { ...env };
  for (const name of foreignVariables) delete own[name];
  const before = settings.flatMap((setting) => ['-c', setting]);
  return (args, variables = {}) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(canceled(signal));
      const child = spawn('/bin/sh', ['-c', 'umask 022; exec git "$@"', 'git', ...before, ...args], {
        env: { ...own, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      /** With the filters that it started. */
      const stop = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
        } catch {
          // it has ended
        }
      };
      signal.addEventListener('abort', stop, { once: true });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (stdout.length > longestAnswer) stop();
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr = (stderr + text).slice(-8000);
      });
      child.once('error', reject);
      child.once('close', (code) => {
        signal.removeEventListener('abort', stop);
        if (signal.aborted) reject(canceled(signal));
        else if (stdout.length > longestAnswer) reject(fault('GIT_FAILED', 'git has too much to say'));
        else if (code === 127 && /: git: |exec: git|git: not found/.test(stderr)) reject(gitMissing());
        else resolve({ code: code ?? -1, stdout, stderr });
      });
    });
}

/** What git said went wrong, in one line. */
export function lastWords({ code, stderr }: GitAnswer): string {
  const lines = stderr.trim().split('\n');
  const said =
    lines.findLast((line) => /^(?:fatal|error): /.test(line))?.replace(/^(?:fatal|error): /, '') ??
    lines.at(-1);
  return said || `git ended with code ${code}`;
}

function canceled({ reason }: AbortSignal): unknown {
  return reason instanceof Error ? reason : fault('CANCELED', 'the work was canceled');
}

function gitMissing(): Error {
  return fault('TOOL_MISSING', 'the program `git` is needed for --ref', {
    hint: 'Install it: `apt-get install git`.',
  });
}
