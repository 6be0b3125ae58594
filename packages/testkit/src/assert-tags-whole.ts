import { createHash } from 'node:crypto';
import { parseManifest } from '@onebuild/oci';

const accept = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/**
 * Fails unless all that the tags of a registry name is there with the content that its digest promises, down to the
 * last blob.
 *
 * @param url `http://host:port`
 * @returns what each tag names, by `repository:tag`
 */
export async function assertTagsWhole(url: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const checked = new Set<string>();
  for (const repository of await list(`${url}/v2/_catalog?n=1000`, 'repositories')) {
    const place = `${url}/v2/${repository}`;
    for (const tag of await list(`${place}/tags/list`, 'tags')) {
      found[`${repository}:${tag}`] = await assertWhole(place, tag, checked);
    }
  }
  return found;
}

async function list(url: string, field: 'repositories' | 'tags'): Promise<readonly string[]> {
  const answer = await fetch(url);
  if (answer.status === 404) return [];
  const body = (await answer.json()) as Readonly<Record<string, readonly string[] | null>>;
  return body[field] ?? [];
}

async function assertWhole(place: string, name: string, checked: Set<string>): Promise<string> {
  const { bytes, type, digest } = await read(`${place}/manifests/${name}`);
  if (name.startsWith('sha256:') && name !== digest) throw new Error(`${place}: ${name} is ${digest}`);
  if (checked.has(`${place} ${digest}`)) return digest;
  checked.add(`${place} ${digest}`);
  const { kind, value } = parseManifest(bytes, type);
  if (kind === 'index') {
    for (const child of value.manifests) await assertWhole(place, child.digest, checked);
    return digest;
  }
  for (const blob of [value.config, ...value.layers]) {
    if (checked.has(`${place} ${blob.digest}`)) continue;
    const found = await read(`${place}/blobs/${blob.digest}`);
    if (found.digest !== blob.digest || found.bytes.length !== blob.size) {
      throw new Error(`${place}: ${name} needs ${blob.digest}, and gets ${found.digest}`);
    }
    checked.add(`${place} ${blob.digest}`);
  }
  return digest;
}

async function read(url: string): Promise<{ bytes: Uint8Array; type: string; digest: string }> {
  const answer = await fetch(url, { headers: { accept } });
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { bytes, digest, type: answer.headers.get('content-type') ?? '' };
}
