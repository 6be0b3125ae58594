import type { CliContext } from '../../cli-context.ts';
import type { RegistryFlags } from '../../flags/registry-flags.ts';
import type { ImageSource } from './image-source.ts';

/** An image by its name: in a registry, or `oci-layout:PATH`. */
export async function openSource(
  context: CliContext,
  reference: string,
  flags: RegistryFlags,
): Promise<ImageSource> {
  const layout = /^oci-(?:layout|archive):(?:\/\/)?(.+)$/.exec(reference)?.[1];
  if (layout !== undefined) {
    const { createLayoutSource } = await import('./layout-source.ts');
    return createLayoutSource(layout, context.cwd);
  }
  const { createRegistrySource } = await import('./registry-source.ts');
  return await createRegistrySource(context, reference, flags);
}
