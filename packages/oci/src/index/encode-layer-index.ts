import { fault } from '@onebuild/core';
import { digestHex } from '../digest.ts';
import type { LayerEntry, LayerIndex } from '../layer-index.ts';
import { indexFormat, type LayerIndexColumns, typeLetters } from './layer-index-columns.ts';

/** Bytes of an index for the store or a registry: equal indexes give equal bytes. See `layer-index-columns.ts`. */
export function encodeLayerIndex({ entries }: LayerIndex): Uint8Array {
  const files = entries.filter(({ type }) => type === 'file');
  const owners = ownersOf(entries);
  const columns: LayerIndexColumns = {
    format: indexFormat,
    paths: entries.map(({ path }) => path),
    types: entries.map(({ type }) => typeLetters[type]).join(''),
    owners: owners.positions,
    attributes: owners.attributes,
    mtimes: entries.map(({ mtime }) => mtime),
    sizes: files.map(({ size }) => size),
    digests: files.map(hexOf).join(''),
    links: entries.flatMap(({ link }) => (link === undefined ? [] : [link])),
    devices: entries.flatMap(({ device }) => (device === undefined ? [] : [device])),
    xattrs: entries.flatMap(({ xattrs }, at) =>
      xattrs === undefined ? [] : [[at, ...Object.entries(xattrs).flat()]],
    ),
  };
  return Buffer.from(JSON.stringify(columns));
}

function hexOf({ path, digest }: LayerEntry): string {
  if (digest?.startsWith('sha256:')) return digestHex(digest);
  throw fault('INTERNAL', `${JSON.stringify(path)} of a layer index has no SHA-256 digest`);
}

function ownersOf(entries: readonly LayerEntry[]) {
  const known = new Map<string, number>();
  const attributes: [number, number, number][] = [];
  const positions = entries.map(({ mode, uid, gid }) => {
    const key = `${mode},${uid},${gid}`;
    const position = known.get(key) ?? attributes.push([mode, uid, gid]) - 1;
    known.set(key, position);
    return position;
  });
  return { positions, attributes };
}
