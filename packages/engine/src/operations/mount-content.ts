import { digestHex, digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { StepContext } from '../graph/node.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { treeDigest } from '../tree/tree-digest.ts';
import { type FileSource, sourceTree } from './file-source.ts';
import type { CacheMountSpec } from './travelling-mounts.ts';

/** Names what is at `source`: layers where that is the whole of a snapshot, else a digest. Plain JSON. */
export async function mountContent(
  { from, source }: { readonly from: FileSource; readonly source: string },
  context: StepContext,
): Promise<unknown> {
  if (from.type === 'snapshot' && cleanPath(source) === '')
    return context.result(from.node).layers.map((layer) => layer.id);
  const tree = await sourceTree(from, context);
  const path = resolvePath(tree, cleanPath(source), { followLast: true });
  return treeDigest(tree, path, { signal: context.signal });
}

/**
 * The name of a cache mount's folder, the same on all machines: of its id, and of what it is filled with, where that is something. Of the
 * places of a private mount it is the first one's.
 */
export async function mountName(mount: CacheMountSpec, context: StepContext): Promise<string> {
  const { id, from, source } = mount;
  const text = from === undefined ? id : canonicalText([id, await mountContent({ from, source }, context)]);
  return digestHex(digestOf(text)).slice(0, 32);
}
