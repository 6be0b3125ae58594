import { fault } from '@onebuild/core';
import type { LayerIndex } from '../layer-index.ts';
import { decodeWhiteout, isAufsMetadata } from '../tar/layer-whiteouts.ts';
import type { TarEntry, TarHandlers } from '../tar/tar-entry.ts';
import { assembleLayerIndex } from './assemble-layer-index.ts';
import { ContentHasher } from './content-hasher.ts';
import { LayerNodes, type StoredFile } from './layer-nodes.ts';

export interface LayerIndexerOptions {
  /** Extended attributes that the index keeps; by default `security.capability` alone, which programs rely on. */
  readonly keepXattr?: (name: string) => boolean;
  /** A hard link's own mode, owner and time become the file's, as programs that unpack the archive do. */
  readonly linksSetAttributes?: boolean;
}

export type LayerIndexer = TarHandlers & {
  /** The index of all that was told. @throws TAR_INVALID for a path below a file */
  finish(): LayerIndex;
};

/**
 * Makes the index of a layer while its archive is parsed.
 *
 * - Contents are hashed (SHA-256); whiteouts are decoded; AUFS book-keeping is left out.
 * - A path that comes again replaces what it was; anything but a directory also replaces what was below it.
 * - Directories that no member names are not invented.
 * - Names of one file: the bytewise first is the `file`, the others are `hardlink`s to it, whatever the archive's order was.
 * - A whiteout hides lower layers only (layer.md#whiteouts): beside a directory of the same path it becomes `opaque`,
 *   beside anything else it is dropped. An `opaque` entry comes after its `dir`.
 *
 * `entry` throws TAR_INVALID for a hard link whose target is not in the layer, or is a directory.
 */
export function createLayerIndexer(options: LayerIndexerOptions = {}): LayerIndexer {
  const { keepXattr = (name) => name === 'security.capability', linksSetAttributes = false } = options;
  return new LayerIndexBuilder(keepXattr, linksSetAttributes);
}

class LayerIndexBuilder implements LayerIndexer {
  readonly #keepXattr: (name: string) => boolean;
  readonly #linksSetAttributes: boolean;
  readonly #nodes = new LayerNodes();
  readonly #whiteouts = new Set<string>();
  readonly #opaques = new Set<string>();
  #order = 0;
  #open: { readonly file: StoredFile; readonly content: ContentHasher } | undefined;

  constructor(keepXattr: (name: string) => boolean, linksSetAttributes: boolean) {
    this.#keepXattr = keepXattr;
    this.#linksSetAttributes = linksSetAttributes;
  }

  entry(entry: TarEntry): void {
    this.#open = undefined;
    if (isAufsMetadata(entry.path)) return;
    const whiteout = decodeWhiteout(entry.path);
    if (whiteout) {
      (whiteout.type === 'opaque' ? this.#opaques : this.#whiteouts).add(whiteout.path);
      return;
    }
    const { path } = entry;
    const file = entry.type === 'hardlink' ? this.#linked(entry) : this.#stored(entry, entry.type);
    this.#nodes.add({ path, file, order: ++this.#order });
  }

  data(chunk: Uint8Array): void {
    this.#open?.content.update(chunk);
  }

  end(): void {
    if (this.#open) this.#open.file.digest = this.#open.content.digest();
    this.#open = undefined;
  }

  finish(): LayerIndex {
    return assembleLayerIndex(this.#nodes.present(), this.#whiteouts, this.#opaques);
  }

  #stored(entry: TarEntry, type: StoredFile['type']): StoredFile {
    const { mode, uid, gid, size, mtime, link, device } = entry;
    const xattrs = this.#keptXattrs(entry.xattrs);
    const attributes = {
      mode,
      uid,
      gid,
      size,
      mtime,
      ...(link !== undefined && { link }),
      ...(device && { device }),
      ...(xattrs && { xattrs }),
    };
    const file: StoredFile = { attributes, type, digest: undefined, shared: false };
    if (type === 'file') this.#open = { file, content: new ContentHasher(size) };
    return file;
  }

  #linked({ path, link = '', mode, uid, gid, mtime }: TarEntry): StoredFile {
    const target = this.#nodes.get(link)?.file;
    if (target === undefined || target.type === 'dir') {
      const why = target ? 'is a directory' : 'is not before it in the layer';
      throw fault(
        'TAR_INVALID',
        `the hard link ${JSON.stringify(path)} points at ${JSON.stringify(link)}, which ${why}`,
        { details: { member: path } },
      );
    }
    target.shared = true;
    if (this.#linksSetAttributes) target.attributes = { ...target.attributes, mode, uid, gid, mtime };
    return target;
  }

  #keptXattrs(xattrs: TarEntry['xattrs']): TarEntry['xattrs'] {
    if (!xattrs) return undefined;
    const kept = Object.entries(xattrs).filter(([name]) => this.#keepXattr(name));
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  }
}
