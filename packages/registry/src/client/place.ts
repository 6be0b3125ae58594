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
      host = createRegistryHost({ ...options, address, registry });
      hosts.set(key, host);
    }
    return host;
  };
  const placeAt = (endpoint: string, name: { registry: string; repository: string }, retry: Retry): Place => {
    const { address, prefix } = splitEndpoint(endpoint);
    return {
      host: hostFor(address, name.registry),
      registry: name.registry,
      repository: prefix + name.repository,
      prefix,
      retry,
    };
  };
  const home = ({ registry, repository }: Repository): Place => {
    const endpoint = options.endpoints?.[registry] ?? wellKnownEndpoints[registry] ?? registry;
    return placeAt(endpoint, { registry, repository }, options.retry);
  };
  return {
    home,
    forPull(repository) {
      const now = options.clock();
      const mirrors = (options.mirrors?.[repository.registry] ?? []).map(({ url }) => {
        const registry = splitEndpoint(url).address.replace(/^https?:\/\//i, '');
        return placeAt(url, { registry, repository: repository.repository }, options.mirrorRetry);
      });
      return [...mirrors.filter(({ host }) => (avoided.get(host) ?? 0) <= now), home(repository)];
    },
    avoid(place) {
      avoided.set(place.host, options.clock() + avoidMs);
    },
  };
}

/** `https://host:1/a/b/` is host `https://host:1` with `a/b/` in front of every repository. */
function splitEndpoint(endpoint: string): { address: string; prefix: string } {
  const [, address = endpoint, path = ''] = /^((?:https?:\/\/)?[^/]*)(.*)$/is.exec(endpoint) ?? [];
  const segments = path.split('/').filter((segment) => segment !== '');
  return { address, prefix: segments.map((segment) => `${segment}/`).join('') };
}
