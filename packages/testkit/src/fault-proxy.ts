import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ProxyAnswer, ProxyFault, ProxyRequest, Script } from './proxy-fault.ts';
import { asService, type Service } from './service.ts';

/** An HTTP proxy in front of one registry, which breaks what its script says, request by request. */
export interface FaultProxy extends Service {
  /** `127.0.0.1:PORT`, to be used in references instead of the registry's own. */
  readonly host: string;
  /** Requests so far, in order of arrival. */
  readonly seen: readonly ProxyRequest[];
  /** Replaces the script; undefined: nothing is broken. Counting starts over, `seen` is emptied. */
  play(script?: Script): void;
}

/** @param target `host:port` of a registry that speaks plain HTTP */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let seen: ProxyRequest[] = [];
  let script: Script = () => undefined;
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const arrived = { method, url, headers, number: seen.length + 1 };
    seen.push(arrived);
    serve(target, { incoming, outgoing, fault: script(arrived) }).catch(() => outgoing.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const facts = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    play(next: Script = () => undefined) {
      script = next;
      seen = [];
    },
  };
  const service = asService({}, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });
  return Object.assign(facts, service);
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly fault: ProxyFault | undefined;
}

async function serve(target: string, exchange: Exchange): Promise<void> {
  const { incoming, outgoing } = exchange;
  const given = exchange.fault?.do === 'answer' ? exchange.fault : undefined;
  const fault = given === undefined ? exchange.fault : given.broken;
  const end = () => (fault?.do === 'stall' ? undefined : reset(incoming));
  if (fault !== undefined && 'at' in fault) {
    if (fault.at === 'request') return end();
    if (fault.at === 'upload') {
      await forwardPart(target, incoming, fault.bytes);
      return end();
    }
  }
  const body = await readAll(incoming);
  const answer =
    given === undefined
      ? await ask(target, incoming, fault?.do === 'garble upload' ? flipped(body) : body)
      : { status: given.status, headers: given.headers ?? {}, body: Buffer.from(given.body ?? '') };
  if (fault === undefined || !('at' in fault)) return write(outgoing, changed(answer, fault));
  if (!('bytes' in fault)) return end();
  await writePart(outgoing, answer, fault.bytes);
  // a reset would take back what has not been read yet
  if (fault.do === 'reset') incoming.socket.destroySoon();
}

function changed(answer: ProxyAnswer, fault: ProxyFault | undefined): ProxyAnswer {
  if (fault?.do === 'answer')
    return { ...fault, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? '') };
  if (fault?.do === 'edit') return { ...answer, ...fault.edit(answer) };
  if (fault?.do === 'garble') return { ...answer, body: flipped(answer.body) };
  if (fault?.do !== 'truncate') return answer;
  const { 'content-length': _, ...headers } = answer.headers;
  return { ...answer, headers, body: answer.body.subarray(0, fault.bytes) };
}

function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}

function write(outgoing: ServerResponse, { status, headers, body }: ProxyAnswer): void {
  outgoing.writeHead(status, present(headers));
  outgoing.end(outgoing.req.method === 'HEAD' ? undefined : body);
}

/** The head and the beginning of the body; resolves once these are on their way. */
async function writePart(outgoing: ServerResponse, answer: ProxyAnswer, bytes: number): Promise<void> {
  outgoing.writeHead(answer.status, present(answer.headers));
  outgoing.flushHeaders();
  if (bytes > 0) await new Promise((resolve) => outgoing.write(answer.body.subarray(0, bytes), resolve));
}

function present(headers: ProxyAnswer['headers']): Record<string, string | string[]> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(entries) as Record<string, string | string[]>;
}

/** The same size, one bit in the middle turned. */
function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const at = copy.length >> 1;
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `host` stays as it came, so that addresses which the registry gives lead here. */
function upstream(target: string, { method, url, headers }: IncomingMessage) {
  const [host, port] = target.split(':');
  return request({ host, port, method, path: url, headers, agent: false });
}

function ask(target: string, incoming: IncomingMessage, body: Buffer): Promise<ProxyAnswer> {
  return new Promise((resolve, reject) => {
    const asked = upstream(target, incoming);
    asked.on('error', reject);
    asked.on('response', (response) => {
      const { 'transfer-encoding': _, connection: __, ...headers } = response.headers;
      const status = response.statusCode ?? 0;
      readAll(response).then((bytes) => resolve({ status, headers, body: bytes }), reject);
    });
    asked.end(body);
  });
}

/** Lets the registry have so many bytes of a body, and then a broken connection. */
async function forwardPart(target: string, incoming: IncomingMessage, bytes: number): Promise<void> {
  const asked = upstream(target, incoming);
  asked.on('error', () => undefined);
  let left = bytes;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const part = (chunk as Buffer).subarray(0, left);
    left -= part.length;
    await new Promise((resolve) => asked.write(part, resolve));
    if (left === 0) break;
  }
  asked.destroy();
}
