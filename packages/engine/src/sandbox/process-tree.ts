import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fault } from '@onebuild/core';
import type { Posix } from '../posix/posix.ts';
import { systemEnvironment } from './find-tools.ts';
import type { SandboxIo } from './sandbox.ts';

/** Programs that a process tree is made with, absolute paths. */
export interface TreeTools {
  readonly setpriv: string;
  readonly unshare: string;
}

export interface TreeSpec {
  readonly tools: TreeTools;
  /** Further namespaces for unshare(1), beside those for mounts and processes: `--net`. */
  readonly namespaces: readonly string[];
  readonly command: readonly string[];
  readonly input: Uint8Array;
}

export interface TreeResult {
  /** 128 + number for a signal. */
  readonly exitCode: number;
  /** What setpriv(1) and unshare(1) themselves said. */
  readonly complaint: string;
}

/**
 * Runs `command` as process 1 of a namespace of its own, so that all that it starts ends with it; and it ends with this
 * process, whatever ends that: setpriv(1) binds unshare(1) to this process, unshare binds process 1 to itself. It is
 * in a session of its own, so that a Ctrl-C at the terminal is this process' affair alone.
 *
 * Resolves when nothing of it is left. The command gets the stream for its errors as file descriptor 3, since 2 is for
 * the programs on the way to it.
 * @throws CANCELED when `io.signal` was aborted, SANDBOX_FAILED when nothing could be started
 */
export async function runProcessTree(spec: TreeSpec, io: SandboxIo, posix: Posix): Promise<TreeResult> {
  if (io.signal.aborted) throw fault('CANCELED', 'the step was canceled');
  const output = posix.makePipe();
  const complaints = posix.makePipe();
  const errors = posix.makePipe();
  const { tools } = spec;
  const unshare = '--mount --propagation private --pid --fork --kill-child --mount-proc'.split(' ');
  const child = spawn(
    tools.setpriv,
    ['--pdeathsig', 'KILL', tools.unshare, ...unshare, ...spec.namespaces, ...spec.command],
    {
      stdio: [spec.input.length > 0 ? 'pipe' : 'ignore', output.write, complaints.write, errors.write],
      env: systemEnvironment,
      detached: true,
    },
  );
  for (const { write } of [output, complaints, errors]) closeSync(write);
  let complaint = '';
  const cancel = () => void killTree(child);
  io.signal.addEventListener('abort', cancel, { once: true });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(spec.input);
  try {
    const [code] = await Promise.all([
      new Promise<number>((resolve, reject) => {
        child.once('error', (error) =>
          reject(
            fault('SANDBOX_FAILED', `cannot start ${tools.setpriv}: ${error.message}`, { cause: error }),
          ),
        );
        child.once('exit', (exitCode, signal) => resolve(exitCode ?? codeOf(signal)));
      }),
      drain(output.read, (chunk) => io.onOutput('stdout', chunk)),
      drain(errors.read, (chunk) => io.onOutput('stderr', chunk)),
      drain(complaints.read, (chunk) => {
        complaint = (complaint + Buffer.from(chunk).toString('utf8')).slice(-4096);
      }),
    ]);
    if (io.signal.aborted) throw fault('CANCELED', 'the step was canceled');
    return { exitCode: code === 1 && diedOfKill.test(complaint) ? 137 : code, complaint };
  } finally {
    io.signal.removeEventListener('abort', cancel);
  }
}

/** How unshare(1) fails at ending itself by the signal that ended its child, when that was SIGKILL. */
const diedOfKill = /^unshare: sigprocmask unblock failed/m;

function codeOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 255 : 128 + constants.signals[signal];
}

/** Reads a pipe to its end, which comes when the last process that holds it has ended. */
function drain(fd: number, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', onChunk);
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

/**
 * Kills process 1 of the namespace: the kernel ends all others, and only then can unshare(1) see its end. Where it has
 * not been forked yet, it is waited for: killing unshare(1) at that moment could leave it behind.
 */
async function killTree(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 1000 && child.exitCode === null && child.signalCode === null; tries++) {
    const [first] = childrenOf(child.pid);
    if (first !== undefined) {
      kill(first);
      return;
    }
    await setTimeout(2);
  }
  kill(child.pid);
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** proc(5), /proc/PID/task/TID/children */
function childrenOf(pid: number | undefined): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
