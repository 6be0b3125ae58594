import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Code of the first error in the body. */
  readonly code: string | undefined;
  json(): unknown;
}

export interface Ask {
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

/** Sends exactly the path it is given, which `fetch` would tidy up. */
export type RawClient = (method: string, path: string, ask?: Ask) => Promise<Answer>;

export function rawClient(base: string): RawClient {
  const { hostname, port } = new URL(base);
  return (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const sized = body !== undefined && headers['transfer-encoding'] === undefined;
      const length = sized ? { 'content-length': Buffer.byteLength(body) } : {};
      const sent = request({
        hostname,
        port,
        method,
        path,
        headers: { ...length, ...headers },
        agent: false,
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(answer(response.statusCode ?? 0, response.headers, chunks)));
      });
      sent.end(body);
    });
}

function answer(status: number, headers: IncomingHttpHeaders, chunks: Buffer[]): Answer {
  const body = Buffer.concat(chunks);
  const json = () => JSON.parse(body.toString('utf8')) as unknown;
  const isJson = headers['content-type'] === 'application/json' && body.length > 0;
  const errors = isJson ? (json() as { errors?: { code: string }[] }).errors : undefined;
  return { status, headers, body, code: errors?.[0]?.code, json };
}

export function digest(data: Uint8Array | string, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(data).digest('hex')}`;
}

/** Pushes a blob in one POST; gives its digest. */
export async function pushBlob(
  ask: RawClient,
  repository: string,
  data: Uint8Array | string,
): Promise<string> {
  const name = digest(data);
  const { status } = await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${name}`, { body: data });
  if (status !== 201) throw new Error(`push answered ${status}`);
  return name;
}

/** Starts an upload; gives its path. */
export async function startUpload(ask: RawClient, repository: string): Promise<string> {
  const { status, headers } = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  if (status !== 202) throw new Error(`start answered ${status}`);
  return headers.location ?? '';
}

export const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
};

export interface MadeManifest {
  readonly text: string;
  readonly digest: string;
  readonly descriptor: { mediaType: string; digest: string; size: number };
}

/** The text of a manifest over blobs that are pushed first. */
export async function makeManifest(
  ask: RawClient,
  repository: string,
  options: { layers?: readonly string[]; extra?: Record<string, unknown> } = {},
): Promise<MadeManifest> {
  const { layers = ['one layer'], extra = {} } = options;
  const describe = (mediaType: string, data: string) => ({
    mediaType,
    digest: digest(data),
    size: Buffer.byteLength(data),
  });
  const config = JSON.stringify({ layers });
  for (const data of [config, ...layers]) await pushBlob(ask, repository, data);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(types.config, config),
    layers: layers.map((layer) => describe(types.layer, layer)),
    ...extra,
  });
  return { text, digest: digest(text), descriptor: describe(types.manifest, text) };
}

export function putManifest(
  ask: RawClient,
  repository: string,
  target: string,
  text: string,
  type = types.manifest,
): Promise<Answer> {
  return ask('PUT', `/v2/${repository}/manifests/${target}`, {
    body: text,
    headers: { 'content-type': type },
  });
}
