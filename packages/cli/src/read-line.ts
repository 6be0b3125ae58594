import { createInterface } from 'node:readline/promises';
import { fault } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';

/**
 * A line typed at the terminal.
 * @throws USAGE where there is no terminal
 */
export async function readLine({ stdin, stderr, signal }: CliContext, prompt: string): Promise<string> {
  if (stdin.isTTY !== true)
    throw fault('USAGE', 'there is no terminal to ask at', { hint: 'Use --username.' });
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return (await lines.question(prompt, { signal })).trim();
  } finally {
    lines.close();
  }
}
