import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a request is stopped: before the registry hears of it, before its answer, or in the middle of the answer's body. */
export type Hold = 'request' | 'answer' | 'body';

/** Stands before a registry and can hold requests, so that something can be killed while they are under way. */
export interface Gate {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Decides over each request from now on; the returned promise resolves when the first one is held. */
  hold(decide: (method: string, path: string) => Hold | undefined): Promise<void>;
  /** Lets everything through from now on. What was held is broken off. */
  open(): void;
  close(): Promise<void>;
}

export async function startGate(upstream: string): Promise<Gate> {
  let decide: (method: string, path: string) => Hold | undefined = () => undefined;
  let reached = () => {};
  const held = new Set<ServerResponse>();
  const keep = (answer: ServerResponse) => {
    held.add(answer);
    reached();
  };
  const forward = (message: IncomingMessage, answer: ServerResponse) => {
    const { method = '', url = '', headers } = message;
    const how = decide(method, url);
    if (how === 'request') return keep(answer);
    const onward = request(new URL(url, upstream), { method, headers }, (back) => {
      if (how === 'answer') return keep(answer);
      answer.writeHead(back.statusCode ?? 500, back.headers);
      if (how === undefined) {
        back.pipe(answer);
        return;
      }
      back.once('data', (chunk: Buffer) => {
        answer.write(chunk.subarray(0, 100));
        back.pause();
        keep(answer);
      });
    });
    onward.on('error', () => answer.destroy());
    message.pipe(onward);
  };
  const server = createServer(forward);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const open = () => {
    decide = () => undefined;
    for (const answer of held) answer.destroy();
    held.clear();
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(next) {
      decide = next;
      return new Promise((resolve) => {
        reached = resolve;
      });
    },
    open,
    close() {
      open();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
