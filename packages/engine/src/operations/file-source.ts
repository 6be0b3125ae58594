import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { snapshotTree } from '../stack/snapshot-tree.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** Where COPY and mounts take files from: a stage or image, or a context. `name` is for messages. */
export type FileSource =
  | { readonly type: 'snapshot'; readonly node: Node<Snapshot>; readonly name: string }
  | { readonly type: 'tree'; readonly node: Node<FileTree>; readonly name: string };

export async function sourceTree(source: FileSource, context: StepContext): Promise<FileTree> {
  return source.type === 'tree' ? context.result(source.node) : snapshotTree(context.result(source.node));
}
