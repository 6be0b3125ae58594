import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { AuthSource } from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';

type Surroundings = Pick<CliContext, 'env' | 'cwd'>;

/** Variables that hold the text of a file with logins, or its path; GitLab gives jobs the second one. */
const variables = ['ONEBUILD_AUTH_CONFIG', 'DOCKER_AUTH_CONFIG'] as const;

/**
 * Where logins are, in the order in which they count: the environment, our own file, Docker's.
 * @throws DOCKER_CONFIG_INVALID
 */
export async function findAuthSources(context: Surroundings): Promise<readonly AuthSource[]> {
  const { authFile, authText, dockerConfigFile } = await import('@onebuild/registry/client');
  const given = variables.flatMap((name) => {
    const text = context.env[name]?.trim() ?? '';
    if (text === '') return [];
    if (text.startsWith('{')) return [authText(text, `the variable ${name}`)];
    const path = resolve(context.cwd, text);
    // what it says may be half a secret
    if (!existsSync(path)) {
      throw fault('DOCKER_CONFIG_INVALID', `the variable ${name} is neither JSON nor a file that is there`, {
        hint: 'Set it to the text of a config.json, or to its path.',
      });
    }
    return [authFile(path, { editable: false })];
  });
  const own = findOwnAuthFile(context);
  const docker = findDockerConfig(context);
  return [
    ...given,
    ...(own === undefined ? [] : [authFile(own)]),
    ...(docker === undefined ? [] : [dockerConfigFile(docker)]),
  ];
}

/** `auth.json` in `$ONEBUILD_CONFIG`, else `$XDG_CONFIG_HOME/onebuild`, else `~/.config/onebuild`; undefined without a home folder. */
export function findOwnAuthFile({ env, cwd }: Surroundings): string | undefined {
  const settings = env['XDG_CONFIG_HOME'] || (env['HOME'] && join(env['HOME'], '.config'));
  const folder = env['ONEBUILD_CONFIG'] || (settings && join(settings, 'onebuild'));
  return folder ? resolve(cwd, folder, 'auth.json') : undefined;
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; undefined without a home folder. */
export function findDockerConfig({ env, cwd }: Surroundings): string | undefined {
  const folder = env['DOCKER_CONFIG'] || (env['HOME'] && join(env['HOME'], '.docker'));
  return folder ? resolve(cwd, folder, 'config.json') : undefined;
}
