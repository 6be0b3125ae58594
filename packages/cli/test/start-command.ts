import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const command = fileURLToPath(new URL('../bin/onebuild', import.meta.url));

export interface Ended {
  /** undefined where a signal ended it */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Waits until what it printed, both streams together, matches; fails when it ends before. */
  printed(pattern: RegExp): Promise<void>;
  /** What it printed so far, both streams. */
  output(): string;
}

export interface CommandOptions {
  readonly home: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Instead of the command alone: a program that starts it, with its arguments. */
  readonly program?: readonly [string, ...string[]];
  /** Leader of a process group of its own, so that `process.kill(-pid)` means the command and what it started. */
  readonly ownGroup?: boolean;
}

/** Starts `onebuild ARGS` as a process of its own. */
export function startCommand(args: readonly string[], options: CommandOptions): Started {
  const [program, ...before] = options.program ?? [command];
  const child = spawn(program, [...before, ...args], {
    cwd: options.cwd ?? '/',
    env: { ...process.env, ONEBUILD_HOME: options.home, NO_COLOR: '1', ...options.env },
    stdio: 'pipe',
    detached: options.ownGroup === true,
  });
  const output = { stdout: '', stderr: '' };
  let over = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      over = true;
      resolve({ code: code ?? undefined, ...output });
    });
  });
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    output: () => output.stdout + output.stderr,
    async printed(pattern) {
      while (!pattern.test(output.stdout + output.stderr)) {
        if (over) throw new Error(`it ended before it printed ${pattern}: ${output.stdout}${output.stderr}`);
        await sleep(5);
      }
    },
  };
}

/** Runs it to its end. */
export function runCommand(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return startCommand(args, options).ended;
}

/** Runs it to its end, which has to be a good one. */
export async function succeed(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const result = await runCommand(args, options);
  if (result.code === 0) return result;
  throw new Error(`onebuild ${args.join(' ')}: code ${result.code}\n${result.stdout}${result.stderr}`);
}
