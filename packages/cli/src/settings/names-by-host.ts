import type { ProjectRegistry } from '@onebuild/project';

/** Names of logins that a project wants, by the host in images' names. */
export function namesByHost(registries: readonly ProjectRegistry[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { host, credential } of registries) {
    if (credential !== undefined) names.set(host, [...(names.get(host) ?? []), credential]);
  }
  return names;
}
