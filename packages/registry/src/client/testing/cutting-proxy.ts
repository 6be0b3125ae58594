import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** How many connections were cut. */
  readonly cuts: () => number;
  close(): Promise<void>;
}

/**
 * A TCP proxy before `target` that breaks connections: each entry of `limits` is spent on one connection that moves
 * so many bytes in the given direction; when none is left, nothing is cut any more.
 */
export async function startCuttingProxy(
  target: string,
  direction: 'up' | 'down',
  limits: readonly number[],
): Promise<CuttingProxy> {
  const left = [...limits];
  const sockets = new Set<Socket>();
  let cuts = 0;
  const [host = '', port = ''] = target.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let moved = 0;
    const count = (chunk: Buffer) => {
      moved += chunk.length;
      const limit = left[0];
      if (limit === undefined || moved < limit) return;
      left.shift();
      cuts++;
      client.resetAndDestroy();
      upstream.end();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    (direction === 'up' ? client : upstream).on('data', count);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
