import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import {
  type Descriptor,
  digestAlgorithm,
  digestHex,
  digestOf,
  type Index,
  mediaTypes,
  parseManifest,
} from '@onebuild/oci';
import { parseLayout } from '../../flags/parse-context.ts';
import type { ImageSource } from './image-source.ts';

const refName = 'org.opencontainers.image.ref.name';

/** An image in an OCI layout folder (image spec, image-layout.md): `FOLDER[:TAG][@DIGEST]`. */
export function createLayoutSource(text: string, cwd: string): ImageSource {
  const place = parseLayout(text, cwd);
  const pathOf = ({ digest }: Descriptor): string =>
    join(place.path, 'blobs', digestAlgorithm(digest), digestHex(digest));
  const read = async (descriptor: Descriptor): Promise<Uint8Array> => {
    const bytes = await readFile(pathOf(descriptor));
    if (digestOf(bytes) !== descriptor.digest) throw mismatch(descriptor);
    return bytes;
  };
  return {
    name: `oci-layout:${text}`,
    read,
    async top() {
      const bytes = await readFile(join(place.path, 'index.json'));
      const { kind, value } = parseManifest(bytes, mediaTypes.ociIndex);
      if (kind !== 'index') throw fault('MANIFEST_INVALID', `${place.path}/index.json is not an index`);
      const descriptor = choose(value, place);
      return { descriptor, bytes: await read(descriptor) };
    },
    open: (descriptor) => readVerified(pathOf(descriptor), descriptor),
    close() {},
  };
}

function choose(
  index: Index,
  { tag, digest, path }: { tag?: string; digest?: string; path: string },
): Descriptor {
  const found = index.manifests.filter(
    (entry) =>
      (digest === undefined || entry.digest === digest) &&
      (tag === undefined || entry.annotations?.[refName] === tag),
  );
  const [first] = found;
  if (first !== undefined && (found.length === 1 || digest !== undefined || tag !== undefined)) return first;
  const tags = index.manifests.map((entry) => entry.annotations?.[refName] ?? entry.digest);
  throw fault(
    'MANIFEST_NOT_FOUND',
    found.length === 0 ? `${path} has no such image` : `${path} has several images`,
    {
      hint: tags.length === 0 ? 'The layout is empty.' : `Name one: ${tags.slice(0, 10).join(', ')}`,
    },
  );
}

async function* readVerified(path: string, descriptor: Descriptor): AsyncIterable<Uint8Array> {
  const hash = createHash(digestAlgorithm(descriptor.digest));
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== digestHex(descriptor.digest)) throw mismatch(descriptor);
}

function mismatch(descriptor: Descriptor) {
  return fault('DIGEST_MISMATCH', `the blob ${descriptor.digest} of the layout has other content`);
}
