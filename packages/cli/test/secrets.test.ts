import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  createTokenGate,
  requireBusybox,
  requireProgram,
  type Skips,
  startFaultProxy,
  startOneBuildRegistry,
} from '@onebuild/testkit';
import { serveFiles } from './serve-files.ts';
import { runCommand } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const key = [
  '-----BEGIN KEY-----',
  'MIIBVgIBADANBgkqhkiG9w0BAQEFAASC',
  'q9Zr3kXw7TtYb1Lc',
  '-----END KEY-----',
];
const secrets = {
  file: 'file-secret-5f0c9d1e77aa',
  env: 'env-secret-b81d/+=&60312',
  lines: `${key.join('\n')}\n`,
  proxy: 'proxy-password-41c7',
  password: 'registry-password-9e2b',
  helper: 'helper-password-77d0',
  http: 'http-password-3c11',
  query: 'query-token-0b9e',
  git: 'git-password-d4f8',
  lone: 'lone-token-51aa',
};

/** All the ways in which they must not turn up. */
const forms = [...Object.values(secrets), ...key.slice(1, 3)].flatMap((value) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').slice(0, -4),
]);

const dockerfile = (base: string, last: string) => `FROM ${base}
RUN --mount=type=secret,id=file cat /run/secrets/file; base64 /run/secrets/file >&2; cat /run/secrets/file | tee /dev/null
RUN --mount=type=secret,id=env,env=TOKEN echo "token: $TOKEN"; printf %s "$TOKEN" | base64; printf "$TOKEN"
RUN --mount=type=secret,id=lines cat /run/secrets/lines; base64 /run/secrets/lines; cat -n /run/secrets/lines >&2
RUN echo "$HTTP_PROXY"; echo "\${HTTP_PROXY#*user:}"
RUN --mount=type=secret,id=file,target=/deep/down/secret --mount=type=secret,id=env,env=E ${last}
`;

describe('secrets', () => {
  let bench: Workbench;
  let files: string;

  before(async () => {
    bench = await openWorkbench();
    files = join(bench.scratch, 'secrets');
    mkdirSync(files);
    for (const [name, value] of Object.entries(secrets)) writeFileSync(join(files, name), value);
  });
  after(() => bench.close());

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  const flags = () => [
    '--secret',
    `id=file,src=${files}/file`,
    '--secret',
    'id=env,env=THE_TOKEN',
    '--secret',
    `id=lines,src=${files}/lines`,
    '--build-arg',
    `HTTP_PROXY=http://user:${secrets.proxy}@127.0.0.1:9/`,
  ];
  const env = { THE_TOKEN: secrets.env };

  for (const progress of ['plain', 'json', 'tty', 'quiet']) {
    it(`are in no output, image or store, also when a step prints them (${progress})`, async (t) => {
      if (!ready(t)) return;
      const home = bench.home();
      const out = join(bench.scratch, `out-${progress}`);
      const context = bench.context({ Dockerfile: dockerfile(bench.base, 'test -s /deep/down/secret') });
      const result = await runCommand(
        [
          'build',
          `--progress=${progress}`,
          ...flags(),
          '-o',
          `type=oci,dest=${out}/image.tar,compression=uncompressed`,
          '-o',
          `type=local,dest=${out}/files`,
          '--push',
          '-t',
          `${bench.registry.host}/secrets:${progress}`,
          '--metadata-file',
          `${out}.json`,
          context,
        ],
        { home, env },
      );
      assert.equal(result.code, 0, result.stderr);
      assertClean('stdout', Buffer.from(result.stdout));
      assertClean('stderr', Buffer.from(result.stderr));
      if (progress === 'plain') assert.match(result.stderr, /token: \*\*\*/);
      if (progress === 'json') assert.match(result.stdout, /token: \*\*\*/);
      for (const folder of [home, out, bench.registry.dir]) assert.ok(assertFolderClean(folder) > 2);
      assertClean('metadata', readFileSync(`${out}.json`));
    });
  }

  it('are in no error, also when the step that has them fails', async (t) => {
    if (!ready(t)) return;
    const home = bench.home();
    const line = 'cat /deep/down/secret >&2; echo "$E"; exit 3';
    const context = bench.context({ Dockerfile: dockerfile(bench.base, line) });
    for (const progress of ['plain', 'json', 'tty', 'quiet']) {
      const args = ['--debug', 'build', `--progress=${progress}`, ...flags(), context];
      const result = await runCommand(args, { home, env });
      assert.equal(result.code, 1, result.stderr);
      assertClean('output', Buffer.from(result.stdout + result.stderr));
    }
    assertFolderClean(home);
  });

  it('of registries are in no error, log or store', async () => {
    const users = new Map([['me', secrets.password]]);
    const registry = await startOneBuildRegistry({
      auth: { realm: 'test', check: (name, password) => users.get(name) === password },
    });
    try {
      const home = bench.home();
      const context = bench.context({ Dockerfile: 'FROM scratch\nCOPY . /\n' });
      const args = ['--debug', 'build', '--progress=plain', '--push', '-t', `${registry.host}/a:1`, context];
      for (const [password, code] of [
        [secrets.password, 0],
        [`${secrets.password}-wrong`, 4],
      ] as const) {
        const config = join(bench.scratch, `docker-${code}`);
        mkdirSync(config);
        const auth = Buffer.from(`me:${password}`).toString('base64');
        writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
        const result = await runCommand(args, { home, env: { DOCKER_CONFIG: config } });
        assert.equal(result.code, code, result.stderr);
        const text = result.stdout + result.stderr;
        assertClean('output', Buffer.from(text));
        assert.ok(!text.includes(auth));
      }
      assertFolderClean(home);
      assertFolderClean(registry.dir);
    } finally {
      await registry.close();
    }
  });

  it('of credential helpers, and tokens of registries, are nowhere', async () => {
    const registry = await startOneBuildRegistry();
    const proxy = await startFaultProxy(registry.host);
    const tokens: string[] = [];
    try {
      for (const [name, password, code] of [
        ['right', secrets.helper, 0],
        ['wrong', `${secrets.helper}-wrong`, 4],
      ] as const) {
        const gate = createTokenGate(
          proxy.host,
          { username: 'me', password: secrets.helper },
          ({ headers }) => {
            tokens.push((headers.authorization ?? '').replace('Bearer ', ''));
            return undefined;
          },
        );
        proxy.play(gate.script);
        const config = join(bench.scratch, `helper-${name}`);
        mkdirSync(config);
        writeFileSync(join(config, 'config.json'), '{"credsStore":"canary"}');
        const answer = JSON.stringify({ ServerURL: proxy.host, Username: 'me', Secret: password });
        writeFileSync(
          join(config, 'docker-credential-canary'),
          `#!/bin/sh\ncat >/dev/null\necho '${answer}'\n`,
          {
            mode: 0o755,
          },
        );
        const home = bench.home();
        const context = bench.context({ Dockerfile: 'FROM scratch\nCOPY . /\n' });
        const result = await runCommand(
          ['--debug', 'build', '--progress=json', '--push', '-t', `${proxy.host}/helped:${name}`, context],
          { home, env: { DOCKER_CONFIG: config, PATH: `${config}:${process.env['PATH']}` } },
        );
        assert.equal(result.code, code, result.stderr);
        const output = result.stdout + result.stderr;
        assertClean('output', Buffer.from(output));
        assertFolderClean(home);
        const given = tokens.filter((token) => token.startsWith('gate-token'));
        for (const token of given) assert.ok(!output.includes(token));
      }
      assert.ok(tokens.some((token) => token.startsWith('gate-token')));
      assertFolderClean(registry.dir);
    } finally {
      await proxy.close();
      await registry.close();
    }
  });

  it('in addresses of contexts, files and repositories are nowhere', async (t) => {
    if (!requireProgram(t, 'git', 'apt-get install git')) return;
    const files = join(bench.scratch, 'served');
    const work = bench.context({ Dockerfile: 'FROM scratch\nCOPY . /\n', file: 'x' });
    mkdirSync(files);
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: work,
        stdio: 'ignore',
      });
    execFileSync('tar', ['-cf', join(files, 'context.tar'), '-C', work, '.']);
    git('init', '--quiet', '--initial-branch=main', '.');
    git('add', '.');
    git('commit', '--quiet', '--message=1');
    execFileSync('git', ['clone', '--quiet', '--bare', work, join(files, 'r.git')], { stdio: 'ignore' });
    execFileSync('git', ['update-server-info'], { cwd: join(files, 'r.git') });
    const server = await serveFiles(files, (url, authorization) => {
      const user = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
      return (
        url.searchParams.get('access_token') === secrets.query ||
        [`me:${secrets.http}`, `me:${secrets.git}`, `${secrets.lone}:`].includes(user)
      );
    });
    const { host } = server;
    const add = (...lines: readonly string[]) =>
      bench.context({ Dockerfile: `FROM scratch\n${lines.join('\n')}\n` });
    try {
      for (const [context, code] of [
        [`http://me:${secrets.http}@${host}/context.tar`, 0],
        [`http://${host}/context.tar?access_token=${secrets.query}`, 0],
        [`http://me:${secrets.git}@${host}/r.git#main`, 0],
        [`http://${secrets.lone}@${host}/r.git?keep-git-dir=1`, 0],
        [add(`ADD http://me:${secrets.http}@${host}/context.tar /a/`), 0],
        [add(`ADD http://${host}/context.tar?access_token=${secrets.query} /a/`), 0],
        [add(`ADD --keep-git-dir=true http://me:${secrets.git}@${host}/r.git /g/`), 0],
        [add(`ADD http://${secrets.lone}@${host}/r.git#main /g/`), 0],
        // not let in, not there, nobody there
        [`http://me:${secrets.http}-wrong@${host}/context.tar`, 1],
        [`http://${host}/none.tar?access_token=${secrets.query}`, 1],
        [`http://me:${secrets.git}-wrong@${host}/r.git`, 1],
        [`http://${secrets.lone}@127.0.0.1:9/r.git`, 1],
        [`http://me:${secrets.git}@${host}/r.git#nothing`, 1],
        [add(`ADD http://me:${secrets.http}@127.0.0.1:9/x /a/`), 1],
        [add(`ADD http://me:${secrets.http}@${host}/none?access_token=${secrets.query} /a/`), 1],
      ] as const) {
        const home = bench.home();
        const out = `${home}-out`;
        const args = [
          '--debug',
          'build',
          '--progress=json',
          '-o',
          `type=oci,dest=${out}/image.tar,compression=zstd`,
        ];
        const result = await runCommand([...args, '-o', `type=local,dest=${out}/files`, context], { home });
        const plain =
          code === 0 ? await runCommand(['build', '--progress=plain', context], { home }) : undefined;
        const output = [result.stdout, result.stderr, plain?.stdout, plain?.stderr].join('\n');
        assert.equal(result.code === 0 ? 0 : 1, code, output);
        assertClean(`output for ${context}`, Buffer.from(output));
        assertFolderClean(home);
        if (code === 0) assertFolderClean(out);
      }
    } finally {
      await server.close();
    }
  });
});

function assertClean(name: string, bytes: Buffer): void {
  const found = forms.filter((form) => bytes.includes(form));
  assert.deepEqual(found, [], `${name} holds a secret`);
}

/** Looks into every file, compressed ones too; gives how many there were. */
function assertFolderClean(path: string): number {
  assertClean('a name', Buffer.from(path));
  const stat = lstatSync(path);
  if (stat.isDirectory())
    return readdirSync(path).reduce((sum, name) => sum + assertFolderClean(join(path, name)), 0);
  if (!stat.isFile()) return 0;
  const bytes = readFileSync(path);
  assertClean(path, bytes);
  if (bytes.length < 4) return 1;
  if (bytes.readUInt16BE(0) === 0x1f8b) assertClean(`${path}, unpacked`, gunzipSync(bytes));
  if (bytes.readUInt32LE(0) === 0xfd2fb528) assertClean(`${path}, unpacked`, zstdDecompressSync(bytes));
  return 1;
}
