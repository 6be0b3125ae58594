import { type Descriptor, mediaTypes } from '@onebuild/oci';
import { type Exchange, replyJson } from './exchange.ts';
import { digestOfPath, pageSize, repositoryOf } from './path-parts.ts';
import { refuse } from './refusal.ts';

const mostNames = 10_000;
/** An index of referrers is a manifest to its readers, and bounded like one. */
const indexLimit = 4 * 1024 * 1024 - 1024;

/** end-1 */
export async function ping(exchange: Exchange): Promise<void> {
  replyJson(exchange, {});
}

/** end-8a and 8b */
export async function listTags(exchange: Exchange): Promise<void> {
  const name = repositoryOf(exchange);
  const tags = await exchange.store.manifests.tags(name);
  if (tags.length === 0 && !(await exchange.store.hasRepository(name))) {
    throw refuse('NAME_UNKNOWN', 'no such repository', { detail: { name } });
  }
  const { page, headers } = pageOf(exchange, tags, `/v2/${name}/tags/list`);
  replyJson(exchange, { name, tags: page }, headers);
}

/** Not of the spec; what distribution serves and clients know. */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { page, headers } = pageOf(exchange, await exchange.store.repositories(), '/v2/_catalog');
  replyJson(exchange, { repositories: page }, headers);
}

/** end-12a and 12b */
export async function listReferrers(exchange: Exchange): Promise<void> {
  const name = repositoryOf(exchange);
  const subject = digestOfPath(exchange);
  const artifactType = exchange.query.get('artifactType') ?? '';
  const last = exchange.query.get('last') ?? '';
  const all = await exchange.store.manifests.referrers(name, subject);
  const asked = all.filter(
    (one) => one.digest > last && (artifactType === '' || one.artifactType === artifactType),
  );
  const manifests = asked.slice(0, fittingCount(asked));
  const next = manifests.length < asked.length ? manifests.at(-1)?.digest : undefined;
  const query: Record<string, string> = artifactType === '' ? {} : { artifactType };
  replyJson(
    exchange,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      'Content-Type': mediaTypes.ociIndex,
      ...(artifactType !== '' && { 'OCI-Filters-Applied': 'artifactType' }),
      ...(next && nextLink(`/v2/${name}/referrers/${subject}`, { ...query, last: next })),
    },
  );
}

function pageOf(exchange: Exchange, names: readonly string[], path: string) {
  const size = pageSize(exchange, mostNames);
  const last = exchange.query.get('last') ?? '';
  const rest = last === '' ? names : names.filter((name) => name > last);
  const page = rest.slice(0, size);
  const end = page.at(-1);
  const headers =
    end !== undefined && page.length < rest.length ? nextLink(path, { n: String(size), last: end }) : {};
  return { page, headers };
}

/** RFC 8288 */
function nextLink(path: string, query: Readonly<Record<string, string>>) {
  return { Link: `<${path}?${new URLSearchParams(query).toString()}>; rel="next"` };
}

/** How many descriptors one answer holds; at least one, so that lists end. */
function fittingCount(descriptors: readonly Descriptor[]): number {
  let size = 0;
  for (const [count, descriptor] of descriptors.entries()) {
    size += Buffer.byteLength(JSON.stringify(descriptor)) + 1;
    if (size > indexLimit && count > 0) return count;
  }
  return descriptors.length;
}
