import { createRegistryClient } from '../create-registry-client.ts';
import type { RegistryClient } from '../registry-client.ts';
import type { RegistryClientOptions } from '../registry-client-options.ts';

/** A client that takes no real pauses and tells which it would have taken, in milliseconds. */
export interface TestClient extends RegistryClient {
  readonly pauses: readonly number[];
  [Symbol.dispose](): void;
}

export function createTestClient(options: RegistryClientOptions = {}): TestClient {
  const pauses: number[] = [];
  const client = createRegistryClient({
    systemCa: false,
    random: () => 0.5,
    sleep(ms, signal) {
      pauses.push(ms);
      return signal?.aborted === true ? Promise.reject(signal.reason as Error) : Promise.resolve();
    },
    ...options,
  });
  return { ...client, pauses, [Symbol.dispose]: () => client.close() };
}
