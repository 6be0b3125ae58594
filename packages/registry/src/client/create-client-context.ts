import type { ClientContext } from './client-context.ts';
import { createPlaces } from './place.ts';
import type { RegistryClientOptions, RetryOptions } from './registry-client-options.ts';
import { createRetry, sleep } from './retry/retry.ts';
import { createAgentPool } from './transport/agents.ts';
import { followRedirects } from './transport/follow-redirects.ts';
import { createHostMatcher, isLoopback } from './transport/host-pattern.ts';
import { createSendRequest } from './transport/send-request.ts';

const retryDefaults: RetryOptions = {
  attempts: 5,
  baseDelayMs: 500,
  maxDelayMs: 15_000,
  maxRetryAfterMs: 120_000,
};
const timeoutDefaults = { connectMs: 30_000, idleMs: 60_000 };
const mirrorAttempts = 2;

/** Puts the rooms of the client together. */
export function createClientContext(options: RegistryClientOptions): {
  readonly context: ClientContext;
  readonly close: () => void;
} {
  const { connectMs, idleMs } = { ...timeoutDefaults, ...options.timeouts };
  const agents = createAgentPool({
    ...options,
    connectMs,
    maxConnectionsPerHost: options.maxConnectionsPerHost ?? 8,
  });
  const insecure = createHostMatcher(options.insecure ?? [], { subdomains: false });
  const send = followRedirects(createSendRequest({ agents, connectMs, idleMs }), {
    plainAllowed: (url) => isLoopback(url) || insecure(url),
    reach: (url, signal) => places.reach(url, signal),
  });
  const policy = {
    ...retryDefaults,
    ...options.retry,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
  };
  const userAgent = options.userAgent ?? 'onebuild';
  const places = createPlaces({
    ...(options.mirrors && { mirrors: options.mirrors }),
    ...(options.endpoints && { endpoints: options.endpoints }),
    credentials: options.credentials ?? (() => Promise.resolve(undefined)),
    insecure,
    send,
    userAgent,
    clock: options.clock ?? Date.now,
    retry: createRetry(policy),
    mirrorRetry: createRetry({ ...policy, attempts: Math.min(policy.attempts, mirrorAttempts) }),
  });
  return {
    context: { send, places, userAgent, chunkBytes: options.chunkBytes ?? 0 },
    close: () => agents.close(),
  };
}
