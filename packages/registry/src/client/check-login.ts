import { accessTo, callWithRetry } from './call-registry.ts';
import { createClientContext } from './create-client-context.ts';
import type { CallOptions } from './registry-client.ts';
import type { RegistryClientOptions } from './registry-client-options.ts';

/**
 * Asks a registry (`host[:port]`) whether it takes the credentials of `options`, with `GET /v2/`.
 * @throws REGISTRY_UNAUTHORIZED when it doesn't, and the faults of every other call
 */
export async function checkLogin(
  registry: string,
  options: RegistryClientOptions,
  { signal }: CallOptions = {},
): Promise<void> {
  const { context, close } = createClientContext(options);
  const place = context.places.home({ registry, repository: '' });
  try {
    const answer = await callWithRetry(context, place, {
      method: 'GET',
      target: new URL('/v2/', await place.host.origin(signal)),
      access: { ...accessTo(place, 'pull', 'push'), repository: '', scopes: [] },
      accept: [200],
      subject: { kind: 'registry', registry, repository: '' },
      signal,
    });
    await answer.discard();
  } finally {
    close();
  }
}
