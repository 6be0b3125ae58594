import type { Agent } from 'node:http';
import type { AgentOptions } from 'node:https';
import { registerSecret } from '@onebuild/core';
import type { RegistryClientOptions } from '../registry-client-options.ts';
import { readHostCertificates } from './host-certificates.ts';
import { createHostMatcher, isLoopback } from './host-pattern.ts';
import { httpModule, httpsModule } from './http-modules.ts';

/** Keeps connections: one pool per scheme, host and port. */
export interface AgentPool {
  agentFor(url: URL): Promise<Agent>;
  /** Ends idle connections; those in use end with their request. */
  close(): void;
}

export interface AgentPoolOptions
  extends Pick<
    RegistryClientOptions,
    'insecure' | 'ca' | 'systemCa' | 'certsDirs' | 'clientCertificates' | 'proxy'
  > {
  readonly maxConnectionsPerHost: number;
  readonly connectMs: number;
}

export function createAgentPool(options: AgentPoolOptions): AgentPool {
  const pools = new Map<string, Promise<Agent>>();
  const insecure = createHostMatcher(options.insecure ?? [], { subdomains: false });
  const proxyFor = createProxyChoice(options.proxy ?? {});

  const create = async (url: URL): Promise<Agent> => {
    const proxy = proxyFor(url);
    const shared = {
      keepAlive: true,
      // slower networks than Node's 250 ms per address allows
      autoSelectFamilyAttemptTimeout: 2000,
      maxSockets: options.maxConnectionsPerHost,
      // for idle connections and for the proxy's answer to CONNECT
      timeout: options.connectMs,
      ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
    };
    if (url.protocol === 'http:') return new (httpModule().Agent)(shared);
    return new (httpsModule().Agent)({
      ...shared,
      ...(await tlsOptions(url, options)),
      rejectUnauthorized: !insecure(url),
    });
  };

  return {
    agentFor(url) {
      let pool = pools.get(url.origin);
      if (pool === undefined) {
        pool = create(url);
        pools.set(url.origin, pool);
        // a fault (an unreadable certificate) is told to its caller and looked at again next time
        pool.catch(() => pools.delete(url.origin));
      }
      return pool;
    },
    close() {
      for (const pool of pools.values()) {
        pool.then(endIdleSockets, () => undefined);
      }
    },
  };
}

function endIdleSockets(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

async function tlsOptions(url: URL, options: AgentPoolOptions): Promise<AgentOptions> {
  const [tls, host] = await Promise.all([
    import('node:tls'),
    readHostCertificates(options.certsDirs ?? [], url.host),
  ]);
  const client = host.client ?? options.clientCertificates?.[url.host];
  const own = [...(options.ca ?? []), ...host.ca];
  const system = options.systemCa === false ? [] : tls.getCACertificates('system');
  // one context for all connections: reading hundreds of authorities again for each would cost more than the handshake
  const secureContext = tls.createSecureContext({
    ca: [...new Set([...tls.getCACertificates('default'), ...system, ...own])],
    ...(client && { cert: client.cert, key: client.key }),
  });
  return { secureContext } as AgentOptions;
}

/** The proxy for an address, if one applies. Loopback never goes through a proxy, as in Go and curl. */
function createProxyChoice(
  options: NonNullable<RegistryClientOptions['proxy']>,
): (url: URL) => string | undefined {
  const direct = createHostMatcher((options.no ?? '').split(/[\s,]+/), { subdomains: true });
  for (const proxy of [options.http, options.https]) {
    const password = proxy === undefined ? '' : (URL.parse(proxy)?.password ?? '');
    registerSecret(password);
    registerSecret(safeDecode(password));
  }
  return (url) => {
    const proxy = url.protocol === 'https:' ? options.https : options.http;
    if (proxy === undefined || proxy === '' || isLoopback(url) || direct(url)) return undefined;
    return proxy.includes('://') ? proxy : `http://${proxy}`;
  };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
