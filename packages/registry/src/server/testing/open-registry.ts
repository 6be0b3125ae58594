import { join } from 'node:path';
import { temporaryFolder } from '@onebuild/testkit';
import { type RunningRegistry, type ServeRegistryOptions, serveRegistry } from '../serve-registry.ts';
import { type RawClient, rawClient } from './raw-client.ts';

export interface OpenRegistry {
  readonly registry: RunningRegistry;
  readonly ask: RawClient;
  readonly root: string;
}

/** A registry over a new folder, for one test. */
export async function openRegistry(
  t: { after(run: () => Promise<void>): void },
  options: Partial<ServeRegistryOptions> = {},
): Promise<OpenRegistry> {
  const root = temporaryRoot();
  const registry = await serveRegistry({ root, ...options });
  t.after(() => registry.close({ graceMs: 0 }));
  return { registry, ask: rawClient(registry.url), root };
}

/** A folder that isn't there yet, and goes away with the process: servers over it end before. */
export function temporaryRoot(): string {
  return join(temporaryFolder(), 'root');
}
