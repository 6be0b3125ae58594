import { digestOf, formatPlatform } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath } from '../tree/path.ts';
import { treeDigest } from '../tree/tree-digest.ts';
import type { FileSource } from './file-source.ts';
import { baseOf } from './image-operation.ts';

/**
 * One thing that a step's result hangs on: `command`, `file pkg/api/types.go`; with what tells two states of it apart: a digest, or a text
 * that may be shown.
 */
export type StepPart = readonly [what: string, state: string];

/** Names of parts that are explained by other steps. */
export const belowPart = 'what is below';

/** More files than these are not told apart. */
const mostFiles = 2000;

/** The base, and the layers under a step. */
export function partsBelow(root: Node<Snapshot>, below: Snapshot): readonly StepPart[] {
  return [
    ['base', baseState(root)],
    [belowPart, layerNames(below).join(' ')],
  ];
}

/** What a source is made of: its files by name, where it is a context. `times` of files count where they are kept. */
export async function partsOfSource(
  from: FileSource,
  path: string,
  { context, times = false }: { readonly context: StepContext; readonly times?: boolean },
): Promise<readonly StepPart[]> {
  if (from.type === 'tree') return filesOf(context.result(from.node), path, { context, times });
  if (from.node.kind === 'image') return [[from.name, baseState(from.node)]];
  return [
    [`base of ${from.name}`, baseState(from.node)],
    [from.name, layerNames(context.result(from.node)).join(' ')],
  ];
}

/** Enough of each layer's name to know it again. */
export function layerNames({ layers }: Snapshot): readonly string[] {
  return layers.map(({ id }) => id.slice(7, 19));
}

/** `NAME DIGEST PLATFORM` */
function baseState(top: Node<unknown>): string {
  const image = baseOf(top);
  return image === undefined ? '' : `${image.name} ${image.digest} ${formatPlatform(image.platform)}`;
}

async function filesOf(
  tree: FileTree,
  path: string,
  { context: { signal }, times }: { readonly context: StepContext; readonly times: boolean },
): Promise<readonly StepPart[]> {
  const found: (readonly [path: string, entry: TreeEntry])[] = [];
  const open = [path];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entry = tree.get(at);
    if (entry === undefined) continue;
    found.push([at, entry]);
    if (found.length > mostFiles) {
      const digest = await treeDigest(tree, path, { signal, times });
      return [[`one of the files in ${path === '' ? 'the context' : path}`, digest.slice(7, 23)]];
    }
    if (entry.type === 'dir') for (const name of tree.list(at)) open.push(joinPath(at, name));
  }
  const files = found.filter(([, entry]) => entry.type === 'file').map(([at]) => at);
  const digests = await tree.digests(files, signal);
  const contents = new Map(files.map((at, index) => [at, digests[index]]));
  return found
    .map(([at, entry]): StepPart => {
      const { type, mode, uid, gid, link, device, xattrs, mtime } = entry;
      const what = type === 'dir' ? 'folder' : 'file';
      const content = shortDigest([type, link, device, xattrs, contents.get(at)]);
      const states = [content, (mode & 0o7777).toString(8).padStart(4, '0'), `${uid}:${gid}`];
      return [`${what} ${at === '' ? '.' : at}`, [...states, ...(times ? [String(mtime)] : [])].join(' ')];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Enough to tell two states of one thing apart. */
export function shortDigest(value: unknown): string {
  return digestOf(canonicalText(value ?? null)).slice(7, 23);
}
