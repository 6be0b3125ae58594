import type { Clock } from '@onebuild/core';
import type { CredentialSource } from './credentials/credential-source.ts';
import type { Repository } from './registry-client.ts';
import type { RegistryClientOptions } from './registry-client-options.ts';
import { createRegistryHost, type RegistryHost } from './registry-host.ts';
import type { Retry } from './retry/retry.ts';
import type { HostMatcher } from './transport/host-pattern.ts';
import type { SendRequest } from './transport/http-message.ts';

/** Where a repository can be had: a host and the repository's path there. */
export interface Place {
  readonly host: RegistryHost;
  /** As the user named it: for messages and credentials. */
  readonly registry: string;
  readonly repository: string;
  /** The repository whose logins count: without what an endpoint puts in front. */
  readonly loginRepository: string;
  /** What the endpoint puts in front of every repository: `''` or `path/`. */
  readonly prefix: string;
  readonly retry: Retry;
}

export interface Places {
  /** The registry itself. */
  home(repository: Repository): Place;
  /** Mirrors that are not known to be down, then the registry itself. */
  forPull(repository: Repository): readonly Place[];
  /** Leaves a mirror out for a while. */
  avoid(place: Place): void;
  /** The same address at the endpoint, where its host is the name of a registry that has one; else as it is. */
  reach(url: URL, signal: AbortSignal | undefined): Promise<URL>;
}

export interface PlacesOptions extends Pick<RegistryClientOptions, 'mirrors' | 'endpoints'> {
  readonly credentials: CredentialSource;
  readonly insecure: HostMatcher;
  readonly send: SendRequest;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly retry: Retry;
  /** Mirrors have a stand-in, so they get fewer tries. */
  readonly mirrorRetry: Retry;
}

/** Docker Hub's name is not the host of its registry. */
const wellKnownEndpoints: Readonly<Record<string, string>> = {
  'docker.io': 'https://registry-1.docker.io',
  'index.docker.io': 'https://registry-1.docker.io',
};

const avoidMs = 60_000;

export function createPlaces(options: PlacesOptions): Places {
  const hosts = new Map<string, RegistryHost>();
  const avoided = new Map<RegistryHost, number>();
  const hostFor = (address: string, registry: string) => {
    const key = `${registry} ${address}`;
    let host = hosts.get(key);
    if (host === undefined) {
      host = createRegistryHost({ ...options, address, registry, reach });
      hosts.set(key, host);
    }
    return host;
  };
  const placeAt = (
    { address, prefix }: Endpoint,
    { registry, repository }: Repository,
    rest: Pick<Place, 'loginRepository' | 'retry'>,
  ): Place => ({
    ...rest,
    host: hostFor(address, registry),
    registry,
    repository: prefix + repository,
    prefix,
  });
  const home = ({ registry, repository }: Repository): Place => {
    const endpoint = options.endpoints?.[registry] ?? wellKnownEndpoints[registry] ?? registry;
    const rest = { loginRepository: repository, retry: options.retry };
    return placeAt(splitEndpoint(endpoint), { registry, repository }, rest);
  };
  const reach: Places['reach'] = async (url, signal) => {
    const found = Object.entries(options.endpoints ?? {}).find(([registry]) => isHostOf(url, registry));
    if (found === undefined) return url;
    const [registry, endpoint] = found;
    const { address } = splitEndpoint(endpoint);
    return new URL(url.pathname + url.search, await hostFor(address, registry).origin(signal));
  };
  return {
    home,
    forPull(repository) {
      const now = options.clock();
      const mirrors = (options.mirrors?.[repository.registry] ?? []).map(({ url }) => {
        const mirror = splitEndpoint(url);
        const registry = mirror.address.replace(/^https?:\/\//i, '');
        const rest = { loginRepository: mirror.prefix + repository.repository, retry: options.mirrorRetry };
        return placeAt(mirror, { registry, repository: repository.repository }, rest);
      });
      return [...mirrors.filter(({ host }) => (avoided.get(host) ?? 0) <= now), home(repository)];
    },
    avoid(place) {
      avoided.set(place.host, options.clock() + avoidMs);
    },
    reach,
  };
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function isHostOf(url: URL, registry: string): boolean {
  const name = registry.toLowerCase();
  return url.host === name || `${url.hostname}:${url.port || defaultPorts[url.protocol]}` === name;
}

interface Endpoint {
  readonly address: string;
  readonly prefix: string;
}

/** `https://host:1/a/b/` is host `https://host:1` with `a/b/` in front of every repository. */
function splitEndpoint(endpoint: string): Endpoint {
  const [, address = endpoint, path = ''] = /^((?:https?:\/\/)?[^/]*)(.*)$/is.exec(endpoint) ?? [];
  const segments = path.split('/').filter((segment) => segment !== '');
  return { address, prefix: segments.map((segment) => `${segment}/`).join('') };
}
