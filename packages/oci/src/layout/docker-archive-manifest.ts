import type { Digest } from '@onebuild/core';
import { encodeJson } from '../canonical-json.ts';
import { formatReference, type Reference } from '../reference.ts';
import { blobPath } from './blob-path.ts';

/** One image of an archive that `docker load` reads. */
export interface DockerArchiveImage {
  readonly config: Digest;
  /** As stored, bottom first. */
  readonly layers: readonly Digest[];
  /** Those without a tag are left out: the format has no place for digests. */
  readonly names: readonly Reference[];
}

/** The `manifest.json` of a docker archive (moby image/spec/v1.2.md) whose files are where a layout has them. */
export function dockerArchiveManifest(images: readonly DockerArchiveImage[]): Uint8Array {
  return encodeJson(
    images.map(({ config, layers, names }) => ({
      Config: blobPath(config),
      RepoTags: names.filter(({ tag }) => tag !== undefined).map(tagOf),
      Layers: layers.map(blobPath),
    })),
  );
}

/** In full: Podman would put a short name under `localhost/`. */
function tagOf({ registry, repository, tag }: Reference): string {
  return formatReference({ registry, repository, ...(tag !== undefined && { tag }) });
}
