/** Docker Hub under all its names. */
const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/** How Docker and its helpers call Docker Hub. */
export const hubServer = 'https://index.docker.io/v1/';

/**
 * The `host[:port][/path]` that a key of `auths` or `credHelpers` means: `https://index.docker.io/v1/` is `docker.io`,
 * `http://host:5000/v2` is `host:5000`, `host/team` stays.
 */
export function normalizeRegistryKey(key: string): string {
  const written = key.trim().replace(/^https?:\/\//i, '');
  const cut = written.indexOf('/');
  const host = (cut < 0 ? written : written.slice(0, cut)).toLowerCase();
  const path = (cut < 0 ? '' : written.slice(cut + 1)).split('/').filter((part) => part !== '');
  // the API's version is no repository, unless it is the start of one
  if (path.length === 1 && /^v[12]$/.test(path[0] ?? '')) path.pop();
  return [hubNames.has(host) ? 'docker.io' : host, ...path].join('/');
}

/** The name of a registry as helpers and Docker's own `auths` know it. */
export function serverName(registry: string): string {
  return registry === 'docker.io' ? hubServer : registry;
}

/** Keys that may stand for a repository, the most precise first: `host/a/b`, `host/a`, `host` (containers-auth.json(5)). */
export function keysFor(registry: string, repository: string): readonly string[] {
  const parts = [normalizeRegistryKey(registry), ...repository.split('/').filter((part) => part !== '')];
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
}
