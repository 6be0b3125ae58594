import { fault, type OneBuildError } from '@onebuild/core';
import type { ExecSpec } from './exec-spec.ts';

/** Characters of a command that a message repeats; the place in the Dockerfile shows all of it. */
const longestCommand = 120;

/** What shells and the kernel mean by an exit code (POSIX.1-2024 XCU 2.8.2; 128 + signal(7)). */
const meanings: Readonly<Record<number, string>> = {
  126: 'A command was found, but cannot be executed: look at its mode (`chmod +x`), its first line (`#!`) and its platform.',
  127: 'A command was not found: install it in an earlier step, or correct its name or PATH. The output above names it.',
  132: 'A program used an instruction that this processor does not have (SIGILL): build it for an older one.',
  134: 'A program aborted itself (SIGABRT); its last words are above.',
  137: 'Something killed it (SIGKILL), mostly the system when memory runs out: build with more memory, or with fewer `--jobs`.',
  139: 'A program crashed (SIGSEGV). Under emulation of another platform that may be the emulator: try it on a real one.',
  143: 'Something asked it to end (SIGTERM).',
};

/** The error of a command that ran and did not end with 0. */
export function stepFailed(
  { args }: Pick<ExecSpec, 'args'>,
  result: { readonly exitCode: number; readonly outOfMemory?: boolean },
): OneBuildError {
  const { exitCode, outOfMemory = false } = result;
  const hint = outOfMemory ? 'Give it more with `--memory`, or run less at once in it.' : meanings[exitCode];
  const why = outOfMemory ? ' (it ran out of the memory that --memory gives it)' : '';
  return fault('STEP_FAILED', `\`${showCommand(args)}\` ended with exit code ${exitCode}${why}`, {
    ...(hint !== undefined && { hint }),
    details: { exitCode },
  });
}

/** What the user wrote, without the shell that runs it: its first line. */
function showCommand(args: readonly string[]): string {
  const script =
    /^(?:.*\/)?(?:ba|da|a|k|z)?sh$/.test(args[0] ?? '') && args.length === 3 ? args[2] : undefined;
  const words = args.map((arg) => (/^[\w./:=@%+-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  const [first = '', ...more] = (script ?? words.join(' ')).trim().split('\n');
  const command = (more.length === 0 ? first : `${first} ...`)
    .slice(0, 4 * longestCommand)
    .replace(/\s+/g, ' ')
    .trim();
  return command.length > longestCommand ? `${command.slice(0, longestCommand - 3)}...` : command;
}
