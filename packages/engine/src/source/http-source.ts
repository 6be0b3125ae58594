import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Digest, fault, isFault, toFault } from '@onebuild/core';
import { digestHex, isDigest } from '@onebuild/oci';
import { type HttpAnswer, requestSource } from './request-source.ts';

export interface FetchSourceOptions {
  /** Digest that the content must have. Content that is known to have it is not fetched again. */
  readonly checksum?: string | undefined;
  /** Where files and what servers said of them are kept between builds. */
  readonly dir: string;
  /** Where files are while they come in, on the same file system; `dir` where it is left out. */
  readonly temp?: string;
  /** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in either case. */
  readonly proxy?: Readonly<Record<string, string>> | undefined;
  /** Bytes above which a source is refused; default 64 GiB. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}

/** A file that was fetched, or was there already and is what the server still has. */
export interface FetchedSource {
  /** Must not be changed. */
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Of the Last-Modified header, whole seconds; 0 where the server says none. */
  readonly mtime: number;
  /** Name that the server or the URL gives it; empty where there is none. Never has a slash. */
  readonly filename: string;
}

interface Remembered extends Omit<FetchedSource, 'path'> {
  readonly etag?: string;
  readonly lastModified?: string;
}

const attempts = 4;
/** Milliseconds; doubled each time. */
const firstPause = 200;
export const defaultLimit = 64 * 2 ** 30;

/**
 * Fetches a file over http or https for ADD. What an earlier build fetched is kept and asked after by its ETag or time.
 * Faults of the network and answers 408, 429 and 5xx are tried again. Redirects stay within http and https.
 * @throws SOURCE_FETCH, CHECKSUM_MISMATCH, DISK_FULL, CANCELED
 */
export async function fetchSource(url: string, options: FetchSourceOptions): Promise<FetchedSource> {
  const { checksum, dir, signal } = options;
  if (checksum !== undefined && !(isDigest(checksum) && checksum.startsWith('sha256:'))) {
    throw fault('DIGEST_INVALID', `the checksum ${JSON.stringify(checksum)} is not a sha256 digest`);
  }
  await mkdir(dir, { recursive: true });
  const known = await recall(url, dir);
  if (known !== undefined && known.digest === checksum) return known;
  for (let attempt = 1; ; attempt++) {
    try {
      const file = await fetchOnce(url, known, options);
      if (checksum === undefined || file.digest === checksum) return file;
      throw fault('CHECKSUM_MISMATCH', `${url} has the digest ${file.digest}, ${checksum} was asked for`);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === attempts || !isWorthAnother(error)) throw fetchFault(error, url);
      await setTimeout(firstPause * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

async function fetchOnce(
  url: string,
  known: (Remembered & FetchedSource) | undefined,
  options: FetchSourceOptions,
): Promise<FetchedSource> {
  const answer = await requestSource(url, {
    headers: {
      ...(known?.etag && { 'if-none-match': known.etag }),
      ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
    },
    proxy: options.proxy,
    signal: options.signal,
  });
  if (answer.status === 304 && known !== undefined) {
    answer.body.destroy();
    return known;
  }
  if (answer.status !== 200) {
    answer.body.destroy();
    const retry = answer.status === 408 || answer.status === 429 || answer.status >= 500;
    throw fault('SOURCE_FETCH', `${url} answered with status ${answer.status}`, {
      details: { status: answer.status, retry },
    });
  }
  return keep(url, answer, options);
}

/** Writes the body, then what is to be remembered of it: a crash leaves at most a file that nobody knows. */
async function keep(url: string, answer: HttpAnswer, options: FetchSourceOptions): Promise<FetchedSource> {
  const { dir, limit = defaultLimit } = options;
  const temp = join(options.temp ?? dir, `fetch-${randomUUID()}`);
  const hash = createHash('sha256');
  let size = 0;
  try {
    const file = await open(temp, 'wx', 0o600);
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > limit)
          throw fault('SOURCE_FETCH', `${url} has more than ${limit} bytes`, { details: { retry: false } });
        hash.update(chunk);
        await file.appendFile(chunk);
      }
    } finally {
      await file.close();
    }
    const digest = `sha256:${hash.digest('hex')}` as Digest;
    const path = join(dir, `file-${digestHex(digest)}`);
    await rename(temp, path);
    const { etag, lastModified, filename } = answer;
    const mtime = Math.max(0, Math.floor(Date.parse(lastModified ?? '') / 1000) || 0);
    const remembered: Remembered = {
      digest,
      size,
      mtime,
      filename,
      ...(etag && { etag }),
      ...(lastModified && { lastModified }),
    };
    await writeFile(temp, JSON.stringify(remembered));
    await rename(temp, notePath(url, dir));
    return { path, digest, size, mtime, filename };
  } catch (error) {
    answer.body.destroy();
    await rm(temp, { force: true });
    throw error;
  }
}

async function recall(url: string, dir: string): Promise<(Remembered & FetchedSource) | undefined> {
  try {
    const note = JSON.parse(await readFile(notePath(url, dir), 'utf8')) as Remembered;
    if (!isDigest(note.digest)) return undefined;
    const path = join(dir, `file-${digestHex(note.digest)}`);
    return (await stat(path)).size === note.size ? { ...note, path } : undefined;
  } catch {
    return undefined;
  }
}

/** The address may hold credentials, so that it is written nowhere. */
function notePath(url: string, dir: string): string {
  return join(dir, `url-${createHash('sha256').update(url).digest('hex')}.json`);
}

function isWorthAnother(error: unknown): boolean {
  if (isFault(error)) return error.details['retry'] === true;
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|HPE_|UND_ERR)/.test(code);
}

function fetchFault(error: unknown, url: string): Error {
  if (isFault(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EACCES') return toFault(error);
  return fault('SOURCE_FETCH', `${url} could not be fetched: ${(error as Error).message || code}`, {
    cause: error,
  });
}
