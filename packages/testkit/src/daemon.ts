import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@onebuild/core';
import { atProcessExit } from './at-process-exit.ts';

export interface DaemonOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds for `ready` to succeed. */
  readonly patience?: number;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A program that runs beside the tests. */
export interface Daemon {
  readonly pid: number;
  /** Asks it to end, and kills one that stays ten seconds longer. */
  stop(): Promise<void>;
}

const keptOutput = 64 * 1024;

/**
 * Starts a program and waits until `ready`, asked with everything it printed so far, gives a value. The kernel kills
 * it when this process dies without stopping it.
 *
 * @throws TOOL_MISSING when it can't start, ends early or isn't ready in time; the message has its last output
 */
export async function startDaemon<T>(
  command: readonly [string, ...string[]],
  ready: (output: string) => T | undefined | Promise<T | undefined>,
  options: DaemonOptions = {},
): Promise<{ readonly value: T; readonly daemon: Daemon }> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
  });
  let output = '';
  const keep = (text: string) => {
    output = (output + text).slice(-keptOutput);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  child.on('error', (error) => keep(error.message));
  const forget = atProcessExit(() => child.kill('SIGKILL'));
  const stop = async () => {
    await stopChild(child, options.stopSignal ?? 'SIGTERM');
    forget();
  };
  const deadline = Date.now() + (options.patience ?? 30_000);
  while (Date.now() < deadline && !hasEnded(child)) {
    const value = await ready(output);
    if (value !== undefined) return { value, daemon: { pid: child.pid ?? 0, stop } };
    await sleep(20);
  }
  await stop();
  throw fault('TOOL_MISSING', `${command[0]} did not start: ${output.trim().slice(-2000)}`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
