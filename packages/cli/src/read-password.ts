import { fault, registerSecret } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';
import { readAll } from './read-all.ts';

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

async function typePassword({ stdin, stderr }: CliContext): Promise<string> {
  const { setRawMode } = stdin as { setRawMode?: (on: boolean) => unknown };
  if (stdin.isTTY !== true || setRawMode === undefined) {
    throw fault('USAGE', 'there is no terminal to type the password at', {
      hint: 'Pipe it in: onebuild login --password-stdin < FILE',
    });
  }
  stderr.write('Password: ');
  setRawMode.call(stdin, true);
  try {
    return await readTyped(stdin);
  } finally {
    setRawMode.call(stdin, false);
    stdin.pause();
    stderr.write('\n');
  }
}

async function readTyped(stdin: CliContext['stdin']): Promise<string> {
  let typed = '';
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    for (const key of String(chunk)) {
      if (key === '\r' || key === '\n' || key === '\u0004') return typed;
      if (key === '\u0003') throw fault('CANCELED', 'stopped by SIGINT', { hint: '' });
      if (key === '\u007f' || key === '\b') typed = typed.slice(0, -1);
      else typed += key;
    }
  }
  return typed;
}
