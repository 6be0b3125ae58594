import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Recipe } from './error-recipes.ts';
import { runCommand } from './start-command.ts';
import { openWorkbench } from './workbench.ts';

/** What a mistake printed, with the names that a reader would see instead of those of this machine. */
export interface Provoked {
  readonly command: string;
  readonly output: string;
  readonly code: number | undefined;
}

/** Servers that answer as they should not, a folder for each mistake, and a registry with a base. */
export interface ErrorWorld {
  provoke(recipe: Recipe): Promise<Provoked>;
  close(): Promise<void>;
}

export async function openErrorWorld(): Promise<ErrorWorld> {
  const bench = await openWorkbench();
  const folder = mkdtempSync(join(tmpdir(), 'onebuild-errors-'));
  const servers = [createHttp(oddRegistry), createHttp(privateRegistry), tlsServer(folder)];
  const [odd = '', closed = '', tls = ''] = await Promise.all(servers.map(listen));
  const names: readonly (readonly [name: string, address: string, shown: string])[] = [
    ['<base>', bench.base, 'registry.example.com/base/busybox:1'],
    ['<registry>', bench.registry.host, 'registry.example.com'],
    ['<odd>', odd, 'odd.example.com'],
    ['<private>', closed, 'private.example.com'],
    ['<tls>', tls, 'registry.corp:5000'],
  ];
  const home = bench.home();
  let count = 0;
  return {
    async provoke(recipe) {
      const cwd = join(folder, `app-${count++}`);
      const place = (text: string): string =>
        names.reduce((all, [name, address]) => all.replaceAll(name, address), text);
      for (const [name, text] of Object.entries({ ...recipe.files, '.keep': '' })) {
        mkdirSync(dirname(join(cwd, name)), { recursive: true });
        writeFileSync(join(cwd, name), place(text));
      }
      const ended = await runCommand(recipe.args.map(place), {
        home,
        cwd,
        env: { HOME: cwd, DOCKER_CONFIG: join(cwd, 'nothing'), SSH_AUTH_SOCK: '', ...recipe.env },
        ...(recipe.input !== undefined && { input: recipe.input }),
      });
      const show = (text: string): string =>
        names
          .reduce(
            (all, [name, address, shown]) => all.replaceAll(address, shown).replaceAll(name, shown),
            text,
          )
          .replace(/after \d+ ms/g, 'after 0 ms')
          .replaceAll(cwd, '/home/you/app')
          .replaceAll(home, '/home/you/.local/share/onebuild');
      return {
        command: show(['onebuild', ...recipe.args].join(' ')),
        output: show(onlyError(ended.stderr)),
        code: ended.code,
      };
    },
    async close() {
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
      rmSync(folder, { recursive: true });
      await bench.close();
    },
  };
}

/** What stands at the end: the last words of a step, and the error. Times differ from run to run. */
function onlyError(stderr: string): string {
  const lines = stderr.trimEnd().split('\n');
  const at = lines.findIndex((line) => line === '------' || line.startsWith('error '));
  return lines
    .slice(at)
    .filter((line) => !line.startsWith('Steps '))
    .join('\n');
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const oddRegistry: RequestListener = (request, response) => {
  const url = request.url ?? '';
  const answer = (status: number, type: string, body: string) =>
    response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
  if (url.includes('/denied/'))
    return answer(403, 'application/json', '{"errors":[{"code":"DENIED","message":"no access"}]}');
  if (url.includes('/page/')) return answer(200, 'text/html', '<html>Sign in</html>');
  if (url.includes('/unsupported/'))
    return answer(405, 'application/json', '{"errors":[{"code":"UNSUPPORTED","message":"read only"}]}');
  if (url.includes('/manifests/'))
    return answer(200, 'application/vnd.oci.image.manifest.v1+json', '{"layers": "none"}');
  return answer(200, 'application/octet-stream', 'content');
};

const privateRegistry: RequestListener = (_, response) => {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end();
};

/** @returns a server with a certificate that nobody signed */
function tlsServer(folder: string): Server {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const flags = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=registry.corp',
  ];
  spawnSync('openssl', [
    'req',
    '-x509',
    ...flags,
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  return createTls({ key: readFileSync(key), cert: readFileSync(cert) }, privateRegistry);
}

/** Provokes them all, a few at a time; by code, in the order of the recipes. */
export async function provokeAll(recipes: Readonly<Record<string, Recipe>>): Promise<Map<string, Provoked>> {
  const world = await openErrorWorld();
  try {
    const found = new Map<string, Provoked>();
    const rest = Object.entries(recipes);
    const work = async (): Promise<void> => {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
        found.set(next[0], await world.provoke(next[1]));
      }
    };
    await Promise.all([work(), work(), work()]);
    return new Map(Object.keys(recipes).map((code) => [code, found.get(code) as Provoked]));
  } finally {
    await world.close();
  }
}
