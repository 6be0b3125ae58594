import { fault, registerSecret } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';
import { readAll } from './read-all.ts';
import { typeLine } from './type-line.ts';

/** Bytes of a password, at most. */
const longestPassword = 65_536;

/**
 * A password from standard input, or typed at the terminal without being shown. Registered as a secret.
 * @throws USAGE where there is neither, or it is empty; CANCELED for Ctrl-C
 */
export async function readPassword(
  context: CliContext,
  options: { readonly fromStdin: boolean },
): Promise<string> {
  const password = options.fromStdin ? await readFromStdin(context) : await typePassword(context);
  if (password === '') throw fault('USAGE', 'the password is empty');
  registerSecret(password);
  return password;
}

async function readFromStdin({ stdin }: CliContext): Promise<string> {
  const bytes = await readAll(stdin, longestPassword, 'The password');
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}

async function typePassword(context: CliContext): Promise<string> {
  const { stdin, stderr } = context;
  const { setRawMode } = stdin as { setRawMode?: (on: boolean) => unknown };
  if (stdin.isTTY !== true || setRawMode === undefined) {
    throw fault('USAGE', 'there is no terminal to type the password at', {
      hint: 'Pipe it in: onebuild <command> --password-stdin < FILE',
    });
  }
  // before the question: whoever answers quickly is not shown either
  setRawMode.call(stdin, true);
  try {
    stderr.write('Password: ');
    return await typeLine(context);
  } finally {
    setRawMode.call(stdin, false);
    stderr.write('\n');
  }
}
