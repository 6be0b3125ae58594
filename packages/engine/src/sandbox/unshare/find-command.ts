import { accessSync, constants, statSync } from 'node:fs';

/**
 * The file that `name` means, as execvp(3) looks for it: as it is when it holds a slash, else along PATH of `env`.
 * Throws with the words that other runtimes use.
 */
export function findCommand(name: string, env: readonly string[]): string {
  if (name.includes('/')) {
    checkExecutable(name);
    return name;
  }
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice(5) ?? '/usr/bin:/bin';
  let denied: unknown;
  for (const folder of path.split(':')) {
    const at = `${folder || '.'}/${name}`;
    try {
      checkExecutable(at);
      return at;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') denied ??= error;
    }
  }
  throw denied ?? new Error(`executable file "${name}" not found in $PATH`);
}

function checkExecutable(path: string): void {
  try {
    if (!statSync(path).isFile()) throw Object.assign(new Error('not a file'), { code: 'EACCES' });
    accessSync(path, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EACCES' ? 'permission denied' : 'no such file or directory';
    throw Object.assign(new Error(`executable file "${path}": ${why}`), { code });
  }
}
