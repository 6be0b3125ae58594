import type { ProjectRegistry } from '@onebuild/project';
import type { WantedLogin } from '@onebuild/registry/client';

/** Logins that a project names, by the host in images' names. */
export function wantedLogins(
  registries: readonly ProjectRegistry[],
): ReadonlyMap<string, readonly WantedLogin[]> {
  const wanted = new Map<string, readonly WantedLogin[]>();
  for (const { name, host, credential } of registries) {
    if (credential === undefined) continue;
    const login = { name: credential, wantedBy: `the registry ${name} of the project` };
    wanted.set(host, [...(wanted.get(host) ?? []), login]);
  }
  return wanted;
}
