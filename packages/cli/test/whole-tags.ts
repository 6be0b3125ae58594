import { parseManifest } from '@onebuild/oci';

const accept = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json'].join(
  ', ',
);

/**
 * Fails unless all that the tags of a repository name is there, down to the last blob.
 * @returns the tags, with the digest of each
 */
export async function assertTagsAreWhole(url: string, repository: string): Promise<Record<string, string>> {
  const list = await fetch(`${url}/v2/${repository}/tags/list`);
  if (list.status === 404) return {};
  const { tags } = (await list.json()) as { tags: readonly string[] | null };
  const found: Record<string, string> = {};
  for (const tag of tags ?? []) found[tag] = await assertWhole(`${url}/v2/${repository}`, tag);
  return found;
}

async function assertWhole(repository: string, name: string): Promise<string> {
  const answer = await fetch(`${repository}/manifests/${name}`, { headers: { accept } });
  if (answer.status !== 200) throw new Error(`${repository}: ${name} answers ${answer.status}`);
  const { kind, value } = parseManifest(
    new Uint8Array(await answer.arrayBuffer()),
    answer.headers.get('content-type') ?? '',
  );
  if (kind === 'index') {
    for (const { digest } of value.manifests) await assertWhole(repository, digest);
  } else {
    for (const { digest } of [value.config, ...value.layers]) {
      const { status } = await fetch(`${repository}/blobs/${digest}`, { method: 'HEAD' });
      if (status !== 200) throw new Error(`${repository}: ${name} needs ${digest}, which answers ${status}`);
    }
  }
  return answer.headers.get('docker-content-digest') ?? '';
}
