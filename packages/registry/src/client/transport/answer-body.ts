import type { ClientRequest, IncomingMessage } from 'node:http';
import type { HttpAnswer } from './http-message.ts';
import type { IdleWatch } from './idle-watch.ts';
import { networkFault } from './network-fault.ts';

interface Exchange {
  readonly outgoing: ClientRequest;
  readonly watch: IdleWatch;
  readonly url: URL;
  readonly signal: AbortSignal | undefined;
}

/** More than this is not worth reading only to keep a connection. Bytes. */
const worthDraining = 64 * 1024;
/** Nor is this much waiting. Milliseconds. */
const drainMs = 2000;

export function createAnswer(incoming: IncomingMessage, exchange: Exchange): HttpAnswer {
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    url: exchange.url,
    body: { [Symbol.asyncIterator]: () => readBody(incoming, exchange) },
    discard: () => drain(incoming, exchange),
  };
}

async function* readBody(incoming: IncomingMessage, exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { outgoing, watch, url, signal } = exchange;
  try {
    watch.arm();
    for await (const chunk of incoming) {
      watch.disarm();
      yield chunk as Uint8Array;
      watch.arm();
    }
  } catch (error) {
    throw networkFault(error, url, signal);
  } finally {
    watch.stop();
    endUnfinished(outgoing);
  }
}

/** An answer that came before the whole body was sent leaves a connection that nothing can use again. */
function endUnfinished(outgoing: ClientRequest): void {
  if (!outgoing.writableEnded) outgoing.destroy();
}

async function drain(incoming: IncomingMessage, { outgoing, watch }: Exchange): Promise<void> {
  watch.stop();
  incoming.on('error', () => undefined);
  const announced = Number(incoming.headers['content-length'] ?? 0);
  if (!outgoing.writableEnded || (announced > worthDraining && outgoing.method !== 'HEAD')) {
    outgoing.destroy();
    return;
  }
  if (incoming.closed) return;
  const timer = setTimeout(() => incoming.destroy(), drainMs);
  let read = 0;
  incoming.on('data', (chunk: Uint8Array) => {
    read += chunk.length;
    if (read > worthDraining) incoming.destroy();
  });
  await new Promise((resolve) => incoming.once('close', resolve));
  clearTimeout(timer);
}
