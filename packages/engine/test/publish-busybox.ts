import { join } from 'node:path';
import { build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import { makeBusyboxRoot } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

/**
 * Makes a small base of Debian's `busybox-static` with the engine itself and pushes it.
 * @returns its name
 */
export async function publishBusybox(host: string, scratch: string): Promise<string> {
  const root = join(scratch, 'busybox-root');
  makeBusyboxRoot(root);
  const registry = createRegistryClient({});
  const name = `${host}/base/busybox:1`;
  try {
    await build(
      testBuildOptions({
        home: join(scratch, 'busybox-home'),
        context: { type: 'folder', path: root },
        dockerfile: { name: 'Dockerfile', text: 'FROM scratch\nCOPY . /\nCMD ["sh"]\n' },
        outputs: [{ type: 'push', names: [parseReference(name)] }],
        registry,
      }),
    );
  } finally {
    registry.close();
  }
  return name;
}
