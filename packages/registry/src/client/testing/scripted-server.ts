import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A request as the server got it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** An HTTP server whose answers a test writes itself; also plays the broken and the hostile ones. */
export interface ScriptedServer {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly port: number;
  /** In order of arrival. */
  readonly seen: readonly SeenRequest[];
  /** Connections made so far. */
  readonly connections: () => number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type Script = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export async function startScriptedServer(
  script: Script,
  tls?: { readonly cert: string; readonly key: string; readonly ca?: string },
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    Promise.resolve(script(request, response)).catch(() => response.destroy());
  };
  const server: Server = tls
    ? createTlsServer({ ...tls, ...(tls.ca && { requestCert: true }) }, handle)
    : createServer(handle);
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host: `127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Reads a request's body to its end. */
export async function readRequest(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendError(response: ServerResponse, status: number, code: string, message = ''): void {
  sendJson(response, status, { errors: [{ code, message }] });
}
