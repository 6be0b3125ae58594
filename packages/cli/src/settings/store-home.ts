import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';

/**
 * The store's folder, absolute: `--home`, else ONEBUILD_HOME, else `/var/lib/onebuild` for root and
 * `$XDG_DATA_HOME/onebuild` (`~/.local/share/onebuild`) for others.
 */
export function findStoreHome(context: Pick<CliContext, 'env' | 'cwd' | 'uid'>, flag?: string): string {
  const { env, cwd, uid } = context;
  const given = flag ?? env['ONEBUILD_HOME'];
  if (given !== undefined && given !== '') return resolve(cwd, given);
  if (uid === 0) return '/var/lib/onebuild';
  const data = env['XDG_DATA_HOME'] || (env['HOME'] && `${env['HOME']}/.local/share`);
  if (!data) {
    throw fault('USAGE', 'there is no home folder to keep the store in', {
      hint: 'Name the store with --home or ONEBUILD_HOME.',
    });
  }
  return resolve(cwd, data, 'onebuild');
}
