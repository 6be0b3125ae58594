import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fault, isFault } from '@onebuild/core';
import { tarOfMembers } from './archive-members.ts';
import { dockerArchiveMembers } from './docker-archive.ts';
import type { ExportSet } from './export-image.ts';

export interface LoadOptions {
  readonly engine: 'auto' | 'docker' | 'podman';
  /** As in DOCKER_HOST: `unix:///path` or `tcp://host:port` without TLS. Undefined: `/var/run/docker.sock`. */
  readonly dockerHost?: string | undefined;
  /** The command that is Podman, with options that come before a subcommand. Undefined: `podman`. */
  readonly podman?: readonly [program: string, ...options: string[]] | undefined;
  readonly signal: AbortSignal;
}

const defaultHost = 'unix:///var/run/docker.sock';
/** How much of an engine's answer is kept for messages. */
const mostWords = 64 << 10;

/**
 * `--load`: gives the image to the local Docker, or to Podman; with `auto` to Podman where no Docker answers.
 * @returns which engine took it
 * @throws OUTPUT_LOAD, OUTPUT_INVALID for several platforms
 */
export async function loadImage(set: ExportSet, options: LoadOptions): Promise<'docker' | 'podman'> {
  const members = dockerArchiveMembers(set, options.signal);
  const archive = () => tarOfMembers(members);
  if (options.engine === 'podman' || (options.engine === 'auto' && !(await dockerAnswers(options)))) {
    await loadIntoPodman(archive(), options);
    return 'podman';
  }
  await loadIntoDocker(archive(), options);
  return 'docker';
}

const socketFaults: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
};

async function dockerAnswers(options: LoadOptions): Promise<boolean> {
  try {
    const answer = await request(options, { method: 'GET', path: '/_ping' });
    answer.resume();
    return answer.statusCode === 200;
  } catch (error) {
    if (options.signal.aborted || isFault(error, 'OUTPUT_INVALID')) throw error;
    return false;
  }
}

/** Docker Engine API, ImageLoad: the answer is a stream of JSON objects, and an error may come after 200. */
async function loadIntoDocker(archive: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<void> {
  const engine = `Docker at ${options.dockerHost ?? defaultHost}`;
  try {
    const answer = await request(options, { method: 'POST', path: '/images/load?quiet=1', body: archive });
    let words = '';
    for await (const chunk of answer.setEncoding('utf8')) words = (words + chunk).slice(-mostWords);
    const problem = dockerProblem(words, answer.statusCode ?? 0);
    if (problem !== undefined) throw fault('OUTPUT_LOAD', `${engine} refused the image: ${problem}`);
  } catch (error) {
    options.signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    if (isFault(error)) throw error;
    const why = socketFaults[code ?? ''] ?? message;
    throw fault('OUTPUT_LOAD', `${engine} cannot be reached: ${why}`, { cause: error });
  }
}

function dockerProblem(words: string, status: number): string | undefined {
  for (const line of words.split('\n').filter((text) => text.trim().startsWith('{'))) {
    try {
      const { error, message } = JSON.parse(line) as { error?: unknown; message?: unknown };
      if (typeof error === 'string') return error;
      if (status !== 200 && typeof message === 'string') return message;
    } catch {
      // An answer that is cut off says nothing.
    }
  }
  return status === 200 ? undefined : `status ${status}`;
}

interface EngineRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: AsyncIterable<Uint8Array>;
}

async function request(
  { dockerHost = defaultHost, signal }: LoadOptions,
  { method, path, body }: EngineRequest,
): Promise<IncomingMessage> {
  const http = await import('node:http');
  const headers = { host: 'docker', ...(body && { 'content-type': 'application/x-tar' }) };
  const call = http.request({ ...engineAddress(dockerHost), method, path, headers, signal });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).once('error', reject);
  });
  if (body === undefined) {
    call.end();
    return answered;
  }
  const sent = pipeline(Readable.from(body, { objectMode: false }), call).catch((error: unknown) => {
    // The engine may refuse before it has read everything: then its answer counts, not the broken pipe.
    if (isFault(error)) throw error;
  });
  return Promise.race([answered, sent.then(() => answered)]);
}

function engineAddress(host: string): { socketPath: string } | { host: string; port: number } {
  const match = /^(unix|tcp|http):\/\/(.+)$/.exec(host);
  const [, scheme, rest = ''] = match ?? [];
  if (scheme === 'unix') return { socketPath: rest };
  if (scheme !== undefined) {
    const url = new URL(`http://${rest}`);
    return { host: url.hostname, port: Number(url.port || 2375) };
  }
  throw fault(
    'OUTPUT_INVALID',
    `${JSON.stringify(host)} is not an address of a Docker Engine that is supported`,
    {
      hint: 'Give `unix:///path/to/docker.sock` or `tcp://host:port`.',
    },
  );
}

async function loadIntoPodman(archive: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<void> {
  const [program, ...before] = options.podman ?? ['podman'];
  const child = spawn(program, [...before, 'load', '--quiet'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const stop = () => child.kill('SIGTERM');
  options.signal.addEventListener('abort', stop);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-mostWords);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  let sendError: unknown;
  const sent = pipeline(Readable.from(archive, { objectMode: false }), child.stdin).catch(
    (error: unknown) => {
      sendError = error;
    },
  );
  try {
    const status = await ended;
    await sent;
    options.signal.throwIfAborted();
    if (isFault(sendError)) throw sendError;
    if (status !== 0)
      throw fault('OUTPUT_LOAD', `Podman refused the image: ${words.trim() || `exit ${status}`}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw noEngine(options);
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}

function noEngine({ engine, dockerHost = defaultHost }: LoadOptions): Error {
  const docker = engine === 'auto' ? `no Docker answers at ${dockerHost}, and ` : '';
  return fault('OUTPUT_LOAD', `${docker}podman is not installed`, {
    hint: 'Start Docker, or install one: `apt-get install docker.io` or `apt-get install podman`.',
  });
}
