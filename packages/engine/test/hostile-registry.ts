import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { digestOf, mediaTypes } from '@onebuild/oci';

type Answer = (message: IncomingMessage, answer: ServerResponse) => void;

/** A server that says what a test makes it say. */
export interface HostileRegistry {
  readonly host: string;
  /** Answers for a path: bytes, or whatever a function does. */
  set(path: string, answer: Buffer | Answer, type?: string): void;
  close(): Promise<void>;
}

export async function startHostileRegistry(): Promise<HostileRegistry> {
  const answers = new Map<string, Answer>();
  const server = createServer((message, answer) => {
    answer.on('error', () => {});
    const found = answers.get(message.url ?? '');
    if (message.url === '/v2/') answer.end('{}');
    else if (found === undefined) answer.writeHead(404).end('{}');
    else found(message, answer);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(path, given, type = 'application/octet-stream') {
      const send: Answer = (message, answer) => {
        const bytes = given as Buffer;
        const digest = digestOf(bytes);
        answer.writeHead(200, {
          'content-type': type,
          'content-length': bytes.length,
          'docker-content-digest': digest,
        });
        answer.end(message.method === 'HEAD' ? undefined : bytes);
      };
      answers.set(path, typeof given === 'function' ? given : send);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** A body without an end. */
export const endless =
  (headers: Record<string, string>): Answer =>
  (message, answer) => {
    answer.writeHead(200, headers);
    if (message.method === 'HEAD') {
      answer.end();
      return;
    }
    const chunk = Buffer.alloc(65_536, ' ');
    const more = (): void => {
      while (answer.writable && answer.write(chunk));
    };
    answer.on('drain', more);
    more();
  };

export interface ImageParts {
  /** Archives, not compressed. */
  readonly layers?: readonly Buffer[];
  readonly config?: Buffer;
  /** Changes the manifest before it is sent. */
  readonly manifest?: (value: Record<string, unknown>) => unknown;
}

/** Serves an image under a name, wrong where the test makes it so. */
export function serveImage(registry: HostileRegistry, name: string, parts: ImageParts): void {
  const { layers = [], manifest = (value) => value } = parts;
  const config =
    parts.config ??
    Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
      }),
    );
  const blobs = [config, ...layers.map((layer) => gzipSync(layer, { level: 1 }))];
  for (const blob of blobs) registry.set(`/v2/${name}/blobs/${digestOf(blob)}`, blob);
  const [first, ...rest] = blobs.map((blob, at) => ({
    mediaType: at === 0 ? mediaTypes.ociConfig : mediaTypes.ociLayerGzip,
    digest: digestOf(blob),
    size: blob.length,
  }));
  const value = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: first, layers: rest };
  serveManifest(registry, name, Buffer.from(JSON.stringify(manifest(value))));
}

export function serveManifest(
  registry: HostileRegistry,
  name: string,
  bytes: Buffer,
  type: string = mediaTypes.ociManifest,
): void {
  registry.set(`/v2/${name}/manifests/1`, bytes, type);
  registry.set(`/v2/${name}/manifests/${digestOf(bytes)}`, bytes, type);
}
