import { rmSync } from 'node:fs';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { startOneBuildRegistry, temporaryFolder } from '@onebuild/testkit';
import { publishBusybox } from './publish-busybox.ts';

/** A place for builds that run commands. */
export interface BusyboxBench {
  /** A folder for stores and contexts; `busybox-root` in it has the files of the base. */
  readonly scratch: string;
  /** Where a registry of its own listens, `NAME:PORT`. */
  readonly host: string;
  readonly registry: RegistryClient;
  /** Name of a small base in that registry. */
  readonly base: string;
  close(): Promise<void>;
}

export async function openBusyboxBench(): Promise<BusyboxBench> {
  const scratch = temporaryFolder();
  const service = await startOneBuildRegistry();
  const registry = createRegistryClient({});

  async function close(): Promise<void> {
    registry.close();
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  }

  try {
    const base = await publishBusybox(service.host, scratch);
    return { scratch, host: service.host, registry, base, close };
  } catch (error) {
    await close();
    throw error;
  }
}
