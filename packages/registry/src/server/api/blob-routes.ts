import { pipeline } from 'node:stream/promises';
import { type Exchange, reply, replyUnchanged } from './exchange.ts';
import { digestOfPath, repositoryOf } from './path-parts.ts';
import { parseRange } from './range.ts';
import { refuse } from './refusal.ts';

const contentType = 'application/octet-stream';
/** Content of a digest never changes. */
const cacheControl = 'max-age=31536000, immutable';

function unknownBlob(digest: string) {
  return refuse('BLOB_UNKNOWN', 'the repository has no such blob', { detail: { digest } });
}

/** end-2, HEAD */
export async function headBlob(exchange: Exchange): Promise<void> {
  const digest = digestOfPath(exchange);
  const size = await exchange.store.blobs.size(repositoryOf(exchange), digest);
  if (size === undefined) throw unknownBlob(digest);
  if (replyUnchanged(exchange, digest)) return;
  const headers = { ...factsOf(digest), 'Content-Length': size };
  exchange.response.writeHead(200, headers).end();
}

/** end-2, GET */
export async function getBlob(exchange: Exchange): Promise<void> {
  const digest = digestOfPath(exchange);
  const blob = await exchange.store.blobs.open(repositoryOf(exchange), digest);
  if (!blob) throw unknownBlob(digest);
  let streaming = false;
  try {
    if (replyUnchanged(exchange, digest)) return;
    const ifRange = exchange.request.headers['if-range'];
    const wanted =
      ifRange === undefined || ifRange === `"${digest}"` ? exchange.request.headers.range : undefined;
    const range = parseRange(wanted, blob.size);
    if (range === 'unsatisfiable') {
      const headers = { 'Content-Range': `bytes */${blob.size}` };
      throw refuse('SIZE_INVALID', 'the range is outside of the blob', { status: 416, headers });
    }
    const { start, end } = range ?? { start: 0, end: blob.size - 1 };
    exchange.response.writeHead(range ? 206 : 200, {
      ...factsOf(digest),
      'Content-Length': end - start + 1,
      ...(range && { 'Content-Range': `bytes ${start}-${end}/${blob.size}` }),
    });
    if (blob.size === 0) {
      exchange.response.end();
      return;
    }
    streaming = true;
    await pipeline(blob.stream(start, end), exchange.response);
  } finally {
    if (!streaming) await blob.close();
  }
}

/** end-10 */
export async function deleteBlob(exchange: Exchange): Promise<void> {
  const digest = digestOfPath(exchange);
  if (!(await exchange.store.blobs.delete(repositoryOf(exchange), digest))) throw unknownBlob(digest);
  reply(exchange, 202);
}

function factsOf(digest: string) {
  return {
    'Content-Type': contentType,
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Accept-Ranges': 'bytes',
    'Cache-Control': cacheControl,
  };
}
