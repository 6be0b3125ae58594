import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fault, type Log, silentLog } from '@onebuild/core';
import type { BasicAuth } from './api/basic-auth.ts';
import { createRegistryHandler, type RegistryHandler } from './registry-handler.ts';
import { openFsRegistryStore } from './store/fs-registry-store.ts';

export interface ServeRegistryOptions {
  /** Folder of the content; made where it is missing. */
  readonly root: string;
  /** Address to listen on. Default 127.0.0.1: nobody else reaches it. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** PEM texts; with them it speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly auth?: BasicAuth;
  readonly readOnly?: boolean;
  readonly deleteEnabled?: boolean;
  readonly log?: Log;
  /** Uploads that nothing was written to for so long are removed, in milliseconds. Default one day. */
  readonly uploadExpiryMs?: number;
}

export interface RunningRegistry {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** `127.0.0.1:5000`, as it stands in references. */
  readonly host: string;
  readonly port: number;
  /** Takes no new connections, lets running requests end for `graceMs` (default 10 seconds), then breaks them off. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** Starts a registry over a folder. @throws FILE_ACCESS for the folder, USAGE for the address or the certificate */
export async function serveRegistry(options: ServeRegistryOptions): Promise<RunningRegistry> {
  const { log = silentLog, host = '127.0.0.1', uploadExpiryMs = dayMs } = options;
  const store = await openFsRegistryStore(options.root);
  const handler = createRegistryHandler({ ...options, store });
  const server = makeServer(options, handler);
  await listen(server, host, options.port ?? 0);
  server.on('error', (error) => log.error('server', { message: error.message }));

  const expire = () => {
    store.uploads.expire(uploadExpiryMs).then(
      (removed) => removed > 0 && log.info('uploads expired', { removed }),
      (error: Error) => log.error('expiry failed', { message: error.message }),
    );
  };
  const timer = options.readOnly ? undefined : setInterval(expire, Math.min(hourMs, uploadExpiryMs)).unref();
  if (timer) expire();

  const { port } = server.address() as AddressInfo;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${options.tls ? 'https' : 'http'}://${authority}`,
    host: authority,
    port,
    async close({ graceMs = 10_000 } = {}) {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(force);
    },
  };
}

/** Bodies may take as long as they move; headers, and silence, are bounded. */
function makeServer(options: ServeRegistryOptions, handler: RegistryHandler): Server {
  const limits = {
    headersTimeout: 20_000,
    requestTimeout: 0,
    maxHeaderSize: 32 * 1024,
    keepAliveTimeout: 60_000,
  };
  const listener: RequestListener = (request, response) => handler(request, response);
  const server = options.tls ? makeTlsServer(options.tls, limits, listener) : createServer(limits, listener);
  server.on('checkContinue', (request, response) => handler(request, response, true));
  server.timeout = 60_000;
  server.maxConnections = 4096;
  return server;
}

function makeTlsServer(
  tls: { cert: string; key: string },
  limits: object,
  listener: RequestListener,
): Server {
  try {
    return createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, listener);
  } catch (cause) {
    throw fault('USAGE', 'the TLS certificate and key cannot be used together', {
      hint: 'Both have to be PEM files, and the key has to be that of the first certificate.',
      cause,
    });
  }
}

const listenFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'the port is for root alone',
  ENOTFOUND: 'the host name does not resolve',
};

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((cause: NodeJS.ErrnoException) => {
    const why = listenFaults[cause.code ?? ''] ?? cause.message;
    throw fault('USAGE', `cannot listen on ${host}:${port}: ${why}`, {
      hint: 'Choose another address or port.',
      cause,
    });
  });
}
