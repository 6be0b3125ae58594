import { setTimeout as sleep } from 'node:timers/promises';
import { algorithmOf, isDigestAlgorithm } from '../names.ts';
import type { DigestAlgorithm, UploadWriter } from '../store/registry-store.ts';
import { type Exchange, type Headers, reply } from './exchange.ts';
import { checkDigest, checkName, repositoryOf, uploadIdOf } from './path-parts.ts';
import { parseChunkRange } from './range.ts';
import { refuse } from './refusal.ts';

/** end-4a, 4b, 4c and 11: starts a session, takes a whole blob, or mounts one. */
export async function startUpload(exchange: Exchange): Promise<void> {
  const { store, query } = exchange;
  const repository = repositoryOf(exchange);
  const mount = query.get('mount');
  if (mount !== null) {
    const digest = checkDigest(mount);
    const from = query.get('from') || undefined;
    if (await store.blobs.mount(repository, digest, from && checkName(from))) {
      reply(exchange, 201, blobHeaders(repository, digest));
      return;
    }
  }
  const given = query.get('digest');
  const digest = given === null ? undefined : checkDigest(given);
  const id = await store.uploads.create(repository, digest ? algorithmOf(digest) : askedAlgorithm(exchange));
  if (digest) await finish(exchange, repository, id);
  else reply(exchange, 202, uploadHeaders(repository, id, 0));
}

/** end-13 */
export async function uploadStatus(exchange: Exchange): Promise<void> {
  const repository = repositoryOf(exchange);
  const id = uploadIdOf(exchange);
  const size = await exchange.store.uploads.size(repository, id);
  if (size === undefined) throw unknownUpload();
  reply(exchange, 204, uploadHeaders(repository, id, size));
}

/** end-5: adds a chunk, or everything as one stream. */
export async function appendUpload(exchange: Exchange): Promise<void> {
  const repository = repositoryOf(exchange);
  const id = uploadIdOf(exchange);
  await withWriter(exchange, {}, async (writer) => {
    await appendBody(exchange, writer, uploadHeaders(repository, id, writer.size));
    reply(exchange, 202, uploadHeaders(repository, id, writer.size));
  });
}

/** end-6: adds the last chunk, if any, and makes the blob. */
export async function finishUpload(exchange: Exchange): Promise<void> {
  await finish(exchange, repositoryOf(exchange), uploadIdOf(exchange));
}

/** end-14 */
export async function cancelUpload(exchange: Exchange): Promise<void> {
  await withWriter(exchange, {}, (writer) => writer.discard());
  reply(exchange, 204);
}

async function finish(exchange: Exchange, repository: string, id: string): Promise<void> {
  const digest = checkDigest(exchange.query.get('digest') ?? '');
  await withWriter(exchange, { repository, id, algorithm: algorithmOf(digest) }, async (writer) => {
    await appendBody(exchange, writer, uploadHeaders(repository, id, writer.size));
    if (!(await writer.commit(digest))) {
      throw refuse('DIGEST_INVALID', 'the content does not have the digest', { detail: { digest } });
    }
  });
  reply(exchange, 201, blobHeaders(repository, digest));
}

interface Target {
  readonly repository?: string;
  readonly id?: string;
  readonly algorithm?: DigestAlgorithm;
}

/** A client that lost its connection may come back before the server has noticed; a little patience lets it go on. */
const patienceMs = 5_000;

async function withWriter(
  exchange: Exchange,
  target: Target,
  run: (writer: UploadWriter) => Promise<void>,
): Promise<void> {
  const repository = target.repository ?? repositoryOf(exchange);
  const id = target.id ?? uploadIdOf(exchange);
  const options = target.algorithm ? { algorithm: target.algorithm } : {};
  let writer = await exchange.store.uploads.open(repository, id, options);
  for (const deadline = Date.now() + patienceMs; writer === 'busy' && Date.now() < deadline; ) {
    await sleep(50);
    writer = await exchange.store.uploads.open(repository, id, options);
  }
  if (writer === undefined) throw unknownUpload();
  if (writer === 'busy') {
    const headers = { 'Retry-After': '1' };
    throw refuse('TOOMANYREQUESTS', 'another request is writing to this upload', { headers });
  }
  try {
    await run(writer);
  } finally {
    await writer.close();
  }
}

async function appendBody(exchange: Exchange, writer: UploadWriter, status: Headers): Promise<void> {
  const { headers } = exchange.request;
  const start = writer.size;
  const said = headers['content-range'];
  const range = said === undefined ? undefined : parseChunkRange(said);
  if (said !== undefined && !range) throw refuse('BLOB_UPLOAD_INVALID', 'the content range is not valid');
  if (range && range.start !== start) {
    throw refuse('BLOB_UPLOAD_INVALID', `the next chunk starts at ${start}`, {
      status: 416,
      headers: { Location: String(status['Location']), Range: String(status['Range']) },
    });
  }
  const wanted = range && range.end - range.start + 1;
  const length = headers['content-length'];
  if (wanted !== undefined && length !== undefined && Number(length) !== wanted) {
    throw refuse('SIZE_INVALID', 'the content range does not have the content length');
  }
  const added = await writer.append(exchange.body());
  if (wanted !== undefined && added !== wanted) {
    await writer.truncate(start);
    throw refuse('SIZE_INVALID', 'the chunk is not as long as its range');
  }
}

function askedAlgorithm(exchange: Exchange): DigestAlgorithm {
  const asked = exchange.query.get('digest-algorithm') ?? 'sha256';
  if (!isDigestAlgorithm(asked)) throw refuse('DIGEST_INVALID', 'the digest algorithm is not supported');
  return asked;
}

function unknownUpload() {
  return refuse('BLOB_UPLOAD_UNKNOWN', 'no such upload');
}

function blobHeaders(repository: string, digest: string): Headers {
  return { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest };
}

/** An empty session has no last byte; `0-0` is what clients know for it. */
function uploadHeaders(repository: string, id: string, size: number): Headers {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    Range: `0-${Math.max(size - 1, 0)}`,
    'Docker-Upload-UUID': id,
  };
}
