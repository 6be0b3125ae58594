import { spawn } from 'node:child_process';
import { fault } from '@onebuild/core';

export interface RunGitOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** Over the few variables that git gets otherwise: `SSH_AUTH_SOCK`, proxies. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** URL schemes that git may use. */
  readonly protocols?: readonly string[];
}

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const mostOutput = 8 << 20;

/** Neither the user's settings nor the repository's may start programs. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'core.pager=cat',
  'safe.directory=*',
  'credential.helper=',
  'gc.auto=0',
  'core.logAllRefUpdates=false',
  'advice.detachedHead=false',
];

const baseEnvironment = Object.freeze({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/dev/null',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_SSH_COMMAND:
    'ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null',
});

/**
 * Runs git with an environment and settings of our own, files made with mode 0644 and 0755. The code is given back.
 * @throws TOOL_MISSING, CANCELED
 */
export function runGit(args: readonly string[], options: RunGitOptions): Promise<GitResult> {
  const { cwd, signal, environment, protocols = [] } = options;
  const all = [...settings.flatMap((setting) => ['-c', setting]), ...args];
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', 'umask 022; exec git "$@"', 'git', ...all], {
      cwd,
      env: { ...baseEnvironment, GIT_ALLOW_PROTOCOL: protocols.join(':'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal, killSignal: 'SIGTERM' as const }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < mostOutput) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-8000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 127) reject(gitMissing());
      else resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}

function gitMissing(): Error {
  return fault('TOOL_MISSING', 'the program `git` is needed for git contexts and commit times', {
    hint: 'Install it: `apt-get install git`.',
  });
}
