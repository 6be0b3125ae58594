import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Log, silentLog, toFault } from '@onebuild/core';
import { type BasicAuth, isAllowed } from './api/basic-auth.ts';
import type { Exchange } from './api/exchange.ts';
import { findRoute } from './api/find-route.ts';
import { isShort, letGo } from './api/let-go.ts';
import { Refusal, refuse } from './api/refusal.ts';
import type { RegistryStore } from './store/registry-store.ts';

export interface RegistryHandlerOptions {
  readonly store: RegistryStore;
  readonly log?: Log;
  /** Pull only; pushes and deletes get 405. */
  readonly readOnly?: boolean;
  /** Whether manifests, tags and blobs may be deleted; else 405. Default true. */
  readonly deleteEnabled?: boolean;
  /** Who may use it; everybody where it is left out. */
  readonly auth?: BasicAuth;
}

/**
 * Serves one request. `awaitsContinue` says that the client waits for `100 Continue` and hasn't got it (node:http's
 * `checkContinue` event); it is sent when the body is wanted, so a refused upload isn't sent at all.
 */
export type RegistryHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  awaitsContinue?: boolean,
) => void;

/** The OCI distribution API, spec 1.1, over a store: every endpoint, as a handler for node:http. */
export function createRegistryHandler(options: RegistryHandlerOptions): RegistryHandler {
  const log = options.log ?? silentLog;
  return (request, response, awaitsContinue = false) => {
    const started = performance.now();
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?', 1)[0]?.slice(0, 500);
    response.once('close', () => {
      const ms = Math.round(performance.now() - started);
      log.info('request', {
        method,
        path,
        status: response.statusCode,
        ms,
        whole: response.writableFinished,
      });
    });
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const incoming: Incoming = { request, response, method, url, awaitsContinue };
    serve(options, incoming)
      .catch((error: unknown) => answerError(incoming, error, log))
      .catch(() => response.destroy());
  };
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: string;
  /** Turns false when the client is told to send. */
  awaitsContinue: boolean;
}

async function serve(options: RegistryHandlerOptions, incoming: Incoming): Promise<void> {
  const { request, response, method } = incoming;
  const { auth, store, readOnly = false, deleteEnabled = true } = options;
  if (auth && !(await isAllowed(auth, request))) {
    const headers = {
      'WWW-Authenticate': `Basic realm="${auth.realm.replace(/["\\]/g, '')}", charset="UTF-8"`,
    };
    throw refuse('UNAUTHORIZED', 'authentication is required', { headers });
  }
  const { effect, route, parts, query } = findRoute(method, incoming.url);
  if (readOnly && effect !== 'reads') throw refuse('UNSUPPORTED', 'the registry is read-only');
  if (!deleteEnabled && effect === 'deletes') throw refuse('UNSUPPORTED', 'deleting is disabled');
  const body = () => {
    if (incoming.awaitsContinue) response.writeContinue();
    incoming.awaitsContinue = false;
    // a body that is given up half-way must not take the connection with it, for the answer still goes over it
    return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  };
  const exchange: Exchange = { store, request, response, method, query, parts, body };
  await route(exchange);
}

/** The answer is sent whole before the rest of the request is taken in, and ended after it. */
async function answerError(incoming: Incoming, error: unknown, log: Log): Promise<void> {
  const { request, response } = incoming;
  if (response.destroyed || request.errored || response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = error instanceof Refusal ? error : failure(error, log);
  const { code, message, detail } = refusal;
  const body = JSON.stringify({ errors: [{ code, message, ...(detail !== undefined && { detail }) }] });
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  const sending = !request.complete && !incoming.awaitsContinue;
  if (incoming.awaitsContinue || (sending && !isShort(request))) response.setHeader('Connection', 'close');
  response.writeHead(refusal.status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  if (request.method === 'HEAD') response.flushHeaders();
  else response.write(body);
  if (sending) await letGo(request);
  response.end();
}

/** What went wrong inside is for the log; the client hears that it wasn't its fault. */
function failure(error: unknown, log: Log): Refusal {
  const known = toFault(error);
  log.error('request failed', { code: known.code, message: known.message });
  const full = known.code === 'DISK_FULL';
  const message = full ? 'the registry has no room left' : 'the registry failed';
  return refuse('UNAVAILABLE', message, { status: full ? 507 : 500 });
}
