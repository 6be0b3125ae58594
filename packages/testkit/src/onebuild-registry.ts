import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ServeRegistryOptions, serveRegistry } from '@onebuild/registry/server';
import type { RegistryOptions } from './docker-registry.ts';
import { asService, type RegistryService } from './service.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Starts OneBuild's own registry on a free port of loopback, in this process. */
export async function startOneBuildRegistry(
  options: RegistryOptions & Omit<ServeRegistryOptions, 'root' | 'host' | 'port'> = {},
): Promise<RegistryService> {
  const { dir: given, ...rest } = options;
  const scratch = temporaryFolder();
  const dir = given ?? join(scratch, 'data');
  const registry = await serveRegistry({ ...rest, root: dir });
  const { url, host, port } = registry;
  return asService({ host, url, port, dir }, async () => {
    await registry.close({ graceMs: 1_000 });
    rmSync(scratch, { recursive: true, force: true });
  });
}
