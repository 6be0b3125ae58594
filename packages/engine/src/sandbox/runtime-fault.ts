import { existsSync, readFileSync } from 'node:fs';
import { fault, type OneBuildError } from '@onebuild/core';
import { launcherLog, runtimeLog } from './bundle-folder.ts';
import type { TreeResult } from './process-tree.ts';
import type { SandboxSpec } from './sandbox.ts';

/** How runtimes say that the command itself, not the sandbox, could not be started. */
const commandProblem = /executable file|open executable|exec container process|exec: "|exec user process/;
/** What a runtime exits with when it fails itself. */
const runtimeCodes = new Set([1, 125, 126, 127, 255]);

/** Why the command never ran; undefined when it did, and the exit code is its own. */
export function readRuntimeFault(
  bundle: string,
  { exitCode, complaint }: TreeResult,
  spec: Pick<SandboxSpec, 'args'>,
): OneBuildError | undefined {
  if (exitCode === 0) return undefined;
  if (!existsSync(`${bundle}/started`)) {
    const log = readText(`${bundle}/${launcherLog}`);
    return fault(
      'SANDBOX_FAILED',
      `the root of the step could not be put together: ${lastLine(log) || lastLine(complaint) || exitCode}`,
      {
        details: { exitCode },
      },
    );
  }
  if (!runtimeCodes.has(exitCode)) return undefined;
  const message = lastError(readText(`${bundle}/${runtimeLog}`));
  if (message === undefined) return undefined;
  if (commandProblem.test(message)) {
    return fault(
      'STEP_COMMAND_NOT_FOUND',
      `${JSON.stringify(spec.args[0] ?? '')} cannot be started: ${message}`,
    );
  }
  return fault('SANDBOX_FAILED', message);
}

function lastError(log: string): string | undefined {
  for (const line of log.trim().split('\n').toReversed()) {
    try {
      const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown };
      if (level === 'error' && typeof msg === 'string') return msg;
    } catch {
      // A line that was cut off.
    }
  }
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
