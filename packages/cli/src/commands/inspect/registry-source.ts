import { type Descriptor, formatReference, parseReference } from '@onebuild/oci';
import type { CliContext } from '../../cli-context.ts';
import type { RegistryFlags } from '../../flags/registry-flags.ts';
import { readAll } from '../../read-all.ts';
import { createClient } from '../../settings/create-client.ts';
import type { ImageSource } from './image-source.ts';

/** Bytes of a config, at most. */
const largestConfig = 8 * 2 ** 20;

/** An image in a registry. */
export async function createRegistrySource(
  context: CliContext,
  text: string,
  flags: RegistryFlags,
): Promise<ImageSource> {
  const reference = parseReference(text);
  const client = await createClient(context, flags);
  const { signal } = context;
  const at = (digest: Descriptor['digest']) => ({
    registry: reference.registry,
    repository: reference.repository,
    digest,
  });
  return {
    name: formatReference(reference),
    top: () => client.manifest(reference, { signal }),
    async read(descriptor) {
      if (/manifest|index/.test(descriptor.mediaType)) {
        return (await client.manifest(at(descriptor.digest), { signal })).bytes;
      }
      return await readAll(client.blob(reference, descriptor, { signal }), largestConfig, 'The config');
    },
    open: (descriptor) => client.blob(reference, descriptor, { signal }),
    close: () => client.close(),
  };
}
