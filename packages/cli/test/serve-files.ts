import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves the files of a folder over HTTP to whom `allows` lets in. */
export async function serveFiles(
  folder: string,
  allows: (url: URL, authorization: string) => boolean,
): Promise<{ readonly host: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host');
    const path = join(folder, url.pathname);
    if (!allows(url, request.headers.authorization ?? '')) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="files"' }).end();
    } else if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      createReadStream(path).pipe(response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
