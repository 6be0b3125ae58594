import { fault } from '@onebuild/core';

export interface HelperResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a credential helper: a program from the search path, one word as argument, a text on its input. */
export type SpawnHelper = (program: string, verb: string, input: string) => Promise<HelperResult>;

const timeoutMs = 60_000;
const outputLimit = 1024 * 1024;

/** @throws CREDENTIAL_HELPER when it is not there, hangs or floods us */
export const spawnHelper: SpawnHelper = async (program, verb, input) => {
  const { spawn } = await import('node:child_process');
  return await new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(fault('CREDENTIAL_HELPER', `${program} ${verb}: ${what}`, { cause }));
    };
    const child = spawn(program, [verb], { stdio: 'pipe' });
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        output[name] += text;
        if (output[name].length > outputLimit) fail('it says too much');
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOENT' ? 'there is no such program on the PATH' : 'it cannot be started', error),
    );
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, ...output });
    });
    // a helper that doesn't read its input is no fault of ours
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
};
