import { fault } from '@onebuild/core';
import type { LayerEntry } from '../layer-index.ts';
import type { TarEntry } from '../tar/tar-entry.ts';

/** What one or several names (hard links) stand for. */
export interface StoredFile {
  attributes: Omit<LayerEntry, 'path' | 'type' | 'digest'>;
  readonly type: Exclude<TarEntry['type'], 'hardlink'>;
  /** Set when the content is read. */
  digest: LayerEntry['digest'];
  shared: boolean;
}

/** A path of the layer as far as it is read. */
export interface LayerNode {
  readonly path: string;
  readonly file: StoredFile;
  /** Position among the archive's members. */
  readonly order: number;
}

/** The paths of a layer while its archive is read: what comes later replaces what was there. */
export class LayerNodes {
  readonly #nodes = new Map<string, LayerNode>();
  /** Paths that had something below them when a non-directory came, and its order. */
  readonly #replaced = new Map<string, number>();
  readonly #parents = new Set<string>(['']);

  get(path: string): LayerNode | undefined {
    return this.#nodes.get(path);
  }

  add(node: LayerNode): void {
    const { path, file, order } = node;
    if (file.type !== 'dir' && this.#parents.has(path)) this.#replaced.set(path, order);
    this.#nodes.set(path, node);
    let parent = parentOf(path);
    while (!this.#parents.has(parent)) {
      this.#parents.add(parent);
      parent = parentOf(parent);
    }
  }

  /**
   * What is left, without what was replaced together with a directory above it.
   * @throws TAR_INVALID for a path below something that is neither directory nor symlink
   */
  present(): LayerNode[] {
    const nodes = [...this.#nodes.values()];
    const doubtful =
      this.#replaced.size > 0 ||
      nodes.some(({ path, file }) => file.type !== 'dir' && this.#parents.has(path));
    return doubtful ? this.#prune(nodes) : nodes;
  }

  /** Walks parents before children, with the open directories on a stack: linear in the length of all paths. */
  #prune(nodes: readonly LayerNode[]): LayerNode[] {
    const steps: { key: string; node?: LayerNode; replacedAt: number }[] = [];
    for (const node of nodes) {
      steps.push({ key: walkKey(node.path), node, replacedAt: this.#replaced.get(node.path) ?? 0 });
    }
    for (const [path, replacedAt] of this.#replaced) {
      if (!this.#nodes.has(path)) steps.push({ key: walkKey(path), replacedAt });
    }
    steps.sort((one, other) => (one.key < other.key ? -1 : 1));
    const kept: LayerNode[] = [];
    const stack: { below: string; replacedAt: number; node: LayerNode | undefined }[] = [];
    for (const { key, node, replacedAt } of steps) {
      while (stack.length > 0 && !key.startsWith(stack.at(-1)?.below ?? '')) stack.pop();
      const above = stack.at(-1);
      const gone = node !== undefined && node.order < (above?.replacedAt ?? 0);
      const alive = gone ? undefined : node;
      if (alive) {
        refuseBelowFile(alive, above?.node);
        kept.push(alive);
      }
      stack.push({
        below: key === '' ? '' : `${key}\0`,
        replacedAt: Math.max(replacedAt, above?.replacedAt ?? 0),
        node: alive,
      });
    }
    return kept;
  }
}

/** Sorts whatever is below a path directly after it: paths have no NUL, and nothing is less than it. */
function walkKey(path: string): string {
  return path.replaceAll('/', '\0');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function refuseBelowFile(node: LayerNode, above: LayerNode | undefined): void {
  if (above === undefined || above.file.type === 'dir' || above.file.type === 'symlink') return;
  throw fault(
    'TAR_INVALID',
    `${JSON.stringify(node.path)} is below ${JSON.stringify(above.path)}, which is no directory`,
    { details: { member: node.path } },
  );
}
