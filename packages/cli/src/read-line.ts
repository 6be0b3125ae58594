import { fault } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';
import { typeLine } from './type-line.ts';

/**
 * A line typed at the terminal.
 * @throws USAGE where there is no terminal; CANCELED
 */
export async function readLine(context: CliContext, prompt: string): Promise<string> {
  const { stdin, stderr } = context;
  if (stdin.isTTY !== true)
    throw fault('USAGE', 'there is no terminal to ask at', { hint: 'Use --username.' });
  stderr.write(prompt);
  try {
    return (await typeLine(context)).trim();
  } catch (error) {
    stderr.write('\n');
    throw error;
  }
}
