import { fault } from '@onebuild/core';
import { type CredentialSource, describeLogin } from '@onebuild/registry/client';

/**
 * Keeps logins from addresses that a project file alone names, for such a file may come from anybody. A login for the address itself
 * counts there.
 *
 * @param unapproved endpoints by the host that stands in names
 * @throws REGISTRY_UNAUTHORIZED, when asked, where a login exists that is kept back
 */
export function guardEndpoints(
  source: CredentialSource,
  unapproved: ReadonlyMap<string, string>,
): CredentialSource {
  return async (registry, repository, purpose) => {
    const endpoint = unapproved.get(registry);
    if (endpoint === undefined) return await source(registry, repository, purpose);
    const there = await source(endpoint, repository, purpose);
    if (there !== undefined) return there;
    const held = await source(registry, repository, purpose);
    if (held === undefined) return undefined;
    throw fault(
      'REGISTRY_UNAUTHORIZED',
      `the project file sends requests for ${registry} to ${endpoint}, and ${describeLogin(held)} is not shown there without your word`,
      {
        hint: `If the address is right, build with --registry-endpoint ${registry}=${endpoint}, or set ONEBUILD_REGISTRY_ENDPOINT to that.`,
        details: { registry, endpoint },
      },
    );
  };
}
