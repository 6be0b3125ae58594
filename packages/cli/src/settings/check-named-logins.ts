import type { ProjectRegistry } from '@onebuild/project';
import type { CliContext } from '../cli-context.ts';
import { findAuthSources } from './find-auth-sources.ts';
import { wantedLogins } from './wanted-logins.ts';

/**
 * Finds out before a build whether the logins exist by whose names it will push: at its end would be late.
 * @param hosts of the images that are pushed
 * @throws REGISTRY_UNAUTHORIZED for the first that is missing, CREDENTIAL_HELPER, DOCKER_CONFIG_INVALID
 */
export async function checkNamedLogins(
  context: Pick<CliContext, 'env' | 'cwd'>,
  registries: readonly ProjectRegistry[],
  hosts: Iterable<string>,
): Promise<void> {
  const wanted = wantedLogins(registries);
  const asked = [...new Set(hosts)].filter((host) => wanted.has(host));
  if (asked.length === 0) return;
  const { createLoginCredentials } = await import('@onebuild/registry/client');
  const credentials = createLoginCredentials(await findAuthSources(context), { wanted });
  for (const host of asked) await credentials(host, '', 'push');
}
