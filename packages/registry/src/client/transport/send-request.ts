import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { fault } from '@onebuild/core';
import type { AgentPool } from './agents.ts';
import { createAnswer } from './answer-body.ts';
import type { HttpAnswer, HttpRequest, SendRequest } from './http-message.ts';
import { httpModule, httpsModule } from './http-modules.ts';
import { createIdleWatch, type IdleWatch } from './idle-watch.ts';
import { networkFault } from './network-fault.ts';
import { pumpBody } from './pump-body.ts';

export interface TransportOptions {
  readonly agents: AgentPool;
  readonly connectMs: number;
  readonly idleMs: number;
}

/** The one place where requests leave: no redirects, no retries, no credentials of its own. */
export function createSendRequest(options: TransportOptions): SendRequest {
  return async (request) => {
    if (request.signal?.aborted === true) throw networkFault(undefined, request.url, request.signal);
    let agent: Agent;
    try {
      agent = await options.agents.agentFor(request.url);
    } catch (error) {
      throw networkFault(error, request.url, request.signal);
    }
    const reuse = { stale: false };
    try {
      return await exchange(request, agent, { ...options, reuse });
    } catch (error) {
      // the peer most likely closed a kept connection just when we took it; a deletion that was done after all would look undone
      if (!reuse.stale || request.body !== undefined || request.method === 'DELETE') throw error;
      return await exchange(request, agent, { ...options, reuse });
    }
  };
}

function exchange(
  request: HttpRequest,
  agent: Agent,
  options: TransportOptions & { readonly reuse: { stale: boolean } },
): Promise<HttpAnswer> {
  const { url, body, signal } = request;
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(request, agent);
    let answered: IncomingMessage | undefined;
    const watch = createIdleWatch(options.idleMs, () => {
      const silent = fault('REGISTRY_UNREACHABLE', `${url.host} fell silent for ${options.idleMs} ms`);
      (answered ?? outgoing).destroy(silent);
    });
    const fail = (error: unknown) => {
      watch.stop();
      const code = (error as NodeJS.ErrnoException).code;
      options.reuse.stale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      reject(networkFault(error, url, signal));
    };
    outgoing.on('error', fail);
    outgoing.on('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    watchConnection(outgoing, options.connectMs, url, watch);
    outgoing.once('response', (incoming: IncomingMessage) => {
      answered = incoming;
      watch.disarm();
      resolve(createAnswer(incoming, { outgoing, watch, url, signal }));
    });
    if (body === undefined) {
      outgoing.end();
      watch.arm();
    } else pumpBody(body, outgoing, watch).catch((error: unknown) => outgoing.destroy(error as Error));
  });
}

function openRequest(request: HttpRequest, agent: Agent): ClientRequest {
  const { url } = request;
  const { request: send } = url.protocol === 'https:' ? httpsModule() : httpModule();
  return send({
    agent,
    method: request.method,
    protocol: url.protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    headers: {
      ...request.headers,
      ...(request.body !== undefined && { 'content-length': String(request.body.length) }),
    },
    ...(request.signal !== undefined && { signal: request.signal }),
  });
}

/** Limits the time to connect, from when the pool gives a socket. */
function watchConnection(outgoing: ClientRequest, connectMs: number, url: URL, watch: IdleWatch): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) {
      watch.start();
      return;
    }
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('connect'), { code: 'ETIMEDOUT' }));
    }, connectMs);
    const ready = url.protocol === 'https:' ? 'secureConnect' : 'connect';
    socket.once(ready, () => {
      clearTimeout(timer);
      watch.start();
    });
    socket.once('close', () => clearTimeout(timer));
  });
}
