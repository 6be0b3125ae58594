import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { digestOf, mediaTypes } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { type HostileBench, hostileFolders, type Outcome, openHostileBench } from './hostile-bench.ts';
import {
  endless,
  type HostileRegistry,
  type ImageParts,
  serveImage,
  serveManifest,
} from './hostile-registry.ts';
import { rawTar } from './raw-tar.ts';

describe('hostile input', { timeout: 120_000 }, () => {
  let bench: HostileBench;
  let registry: HostileRegistry;
  const { scratch, outside } = hostileFolders();
  const contextOf: HostileBench['contextOf'] = (files) => bench.contextOf(files);
  const outcomeOf: HostileBench['outcomeOf'] = (text, options) => bench.outcomeOf(text, options);

  before(async () => {
    bench = await openHostileBench({ scratch, outside });
    registry = bench.registry;
  });
  after(() => bench.close());

  const up = '../'.repeat(12);
  const deep = Array.from({ length: 60 }, () => 'd'.repeat(100)).join('/');
  const layers: Readonly<Record<string, readonly [Buffer, ...Outcome[]]>> = {
    'a path with ..': [rawTar([{ name: `${up}${outside}/escaped` }]), 'TAR_INVALID', 'works'],
    'an absolute path': [rawTar([{ name: `${outside}/escaped` }, { name: '/escaped' }]), 'works'],
    'a file below a link that leads out': [
      rawTar([
        { name: 'link', type: '2', link: outside },
        { name: 'link/escaped', content: 'x' },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'a file over a link that leads out': [
      rawTar([
        { name: 'link', type: '2', link: `${outside}/escaped` },
        { name: 'link', content: 'x' },
      ]),
      'works',
    ],
    'a folder over a link that leads out, with a file': [
      rawTar([
        { name: 'link', type: '2', link: `${up}${outside}` },
        { name: 'link/', type: '5' },
        { name: 'link/escaped', content: 'x' },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'a hard link to what is outside': [
      rawTar([{ name: 'hard', type: '1', link: `${up}${outside}/witness` }]),
      'TAR_INVALID',
    ],
    'a hard link through a link': [
      rawTar([
        { name: 'link', type: '2', link: outside },
        { name: 'hard', type: '1', link: 'link/witness' },
      ]),
      'TAR_INVALID',
    ],
    'a whiteout of what is outside': [
      rawTar([
        { name: 'link', type: '2', link: outside },
        { name: 'link/.wh.witness' },
        { name: `${up}${outside}/.wh.witness` },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'whiteouts of nothing and of dots': [
      rawTar([{ name: '.wh.' }, { name: '.wh..' }, { name: 'a/.wh...' }]),
      'TAR_INVALID',
      'works',
    ],
    devices: [
      rawTar([
        { name: 'dev/null', type: '3' },
        { name: 'dev/disk', type: '4' },
        { name: 'pipe', type: '6' },
      ]),
      'works',
    ],
    'a name of 300 bytes': [rawTar([{ name: 'n'.repeat(300) }]), 'TAR_INVALID', 'works'],
    'a path of 6,000 bytes': [rawTar([{ name: `${deep}/file`, content: 'x' }]), 'TAR_INVALID', 'works'],
    'a link of 5,000 bytes': [
      rawTar([{ name: 'l', type: '2', link: 'x'.repeat(5000) }]),
      'TAR_INVALID',
      'works',
    ],
    'a link to nothing': [rawTar([{ name: 'l', type: '2', link: '' }]), 'TAR_INVALID', 'works'],
    'a file that is a folder': [
      rawTar([
        { name: 'a', content: 'x' },
        { name: 'a/b', content: 'x' },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'links in a circle': [
      rawTar([
        { name: 'a', type: '2', link: 'b' },
        { name: 'b', type: '2', link: 'a' },
        { name: 'a/c', content: 'x' },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'a name that is no UTF-8': [rawTar([{ name: Buffer.from([0x66, 0xff, 0xfe]) }]), 'works'],
    'a name that steers terminals': [rawTar([{ name: '\u001b[2J\nerror' }]), 'works'],
    'whiteouts at its root, of what it has itself, and of the root': [
      rawTar([
        { name: '.wh..wh..opq' },
        { name: 'a', content: 'x' },
        { name: '.wh.a' },
        { name: '.wh..wh.plnk/1.2', content: 'x' },
      ]),
      'TAR_INVALID',
      'works',
    ],
    'a whiteout of nothing at its root': [rawTar([{ name: '.wh.' }]), 'TAR_INVALID'],
    'a whiteout of its parent': [rawTar([{ name: 'a/.wh...' }]), 'TAR_INVALID'],
    'one name for everything': [
      rawTar([
        { name: 'a', content: 'x' },
        { name: 'a', type: '5' },
        { name: 'a/b', content: 'x' },
        { name: 'a', type: '2', link: outside },
        { name: 'a', content: 'y' },
        { name: 'a', content: 'y' },
        { name: 'h', type: '1', link: 'a' },
        { name: 'a', type: '5' },
        { name: 'a/h', type: '1', link: 'h' },
      ]),
      'works',
      'TAR_INVALID',
    ],
    'a path with a NUL in its pax header': [
      rawTar([{ name: 'x', type: 'x', content: '21 path=a\0/../escaped\n' }, { name: 'a' }]),
      'TAR_INVALID',
    ],
    'a link that leads out in its pax header': [
      rawTar([
        { name: 'x', type: 'x', content: '22 linkpath=../escaped\n' },
        { name: 'a', type: '1', link: 'b' },
      ]),
      'TAR_INVALID',
    ],
    'a global pax header that renames': [
      rawTar([{ name: 'g', type: 'g', content: '14 path=escape\n' }, { name: 'a' }, { name: 'b' }]),
      'TAR_INVALID',
    ],
    'a sparse file': [rawTar([{ name: 'a', type: 'S', content: 'x' }]), 'TAR_INVALID'],
    'a folder five hundred levels deep': [
      rawTar([{ name: `${'a/'.repeat(500)}f`, content: 'x' }]),
      'TAR_INVALID',
      'works',
    ],
    'a negative size': [rawTar([{ name: 'a', size: -1 }]), 'TAR_INVALID'],
    'a wrong checksum': [damaged(rawTar([{ name: 'a', content: 'x' }])), 'TAR_INVALID'],
    'an end in the middle': [
      rawTar([{ name: 'a', content: 'x'.repeat(2000) }]).subarray(0, 1500),
      'TAR_INVALID',
    ],
    'an unknown type': [rawTar([{ name: 'a', type: 'Z' }]), 'TAR_INVALID', 'works'],
    'no archive': [Buffer.from('this is no archive at all'.repeat(100)), 'TAR_INVALID'],
    'a size beyond the end': [rawTar([{ name: 'a', size: 8 ** 11 - 1 }]), 'TAR_INVALID'],
    'a long name without an end': [rawTar([{ name: 'x', type: 'L', size: 2 ** 30 }]), 'TAR_INVALID'],
  };
  for (const [name, [layer, ...outcomes]] of Object.entries(layers)) {
    it(`a layer with ${name}`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      serveImage(registry, 'evil', { layers: [layer] });
      const base = `${registry.host}/evil:1`;
      // listed, its files read, unpacked for a step
      for (const text of [
        `FROM ${base}\nWORKDIR /made/here\n`,
        `FROM scratch\nCOPY --from=${base} / /all/\n`,
        `FROM ${base}\nRUN --mount=from=${base},target=/mnt ["/nothing"]\n`,
      ]) {
        const got = await outcomeOf(text);
        const expected = text.includes('RUN') ? [...outcomes, 'STEP_COMMAND_NOT_FOUND'] : outcomes;
        assert.ok(expected.includes(got), `${text}: ${got}`);
      }
    });
  }

  const config = (value: unknown) => Buffer.from(JSON.stringify(value));
  const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
  const rootfs = { type: 'layers', diff_ids: [] };
  const images: Readonly<Record<string, readonly [ImageParts, ...Outcome[]]>> = {
    'a config that is no JSON': [{ config: Buffer.from('{"os":') }, 'MANIFEST_INVALID'],
    'a config that is no object': [{ config: Buffer.from('[[null]]') }, 'MANIFEST_INVALID'],
    'a config of wrong types': [
      { config: config({ ...platform, rootfs, config: { Env: { a: 1 }, User: 7 } }) },
      'MANIFEST_INVALID',
    ],
    'a config with odd values': [
      {
        config: config({
          ...platform,
          rootfs,
          history: [{}],
          config: { Env: ['=', '', 'A', '__proto__=x'], WorkingDir: '../../..', User: 'x:y:z', OnBuild: [] },
        }),
      },
      'works',
      'STEP_USER_NOT_FOUND',
      'MANIFEST_INVALID',
    ],
    'a trigger that is no instruction': [
      {
        config: config({
          ...platform,
          rootfs,
          config: { OnBuild: ['NONSENSE', 'FROM x', 'ONBUILD ONBUILD x'] },
        }),
      },
      'DOCKERFILE_INSTRUCTION',
      'DOCKERFILE_PARSE',
    ],
    'a JSON of 100,000 levels': [
      { config: Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) },
      'MANIFEST_INVALID',
    ],
    'more layers than the config knows': [
      { layers: [rawTar([])], config: config({ ...platform, rootfs }) },
      'MANIFEST_INVALID',
    ],
    'a wrong diff id': [
      {
        layers: [rawTar([{ name: 'a' }])],
        config: config({ ...platform, rootfs: { type: 'layers', diff_ids: [digestOf('other')] } }),
      },
      'DIGEST_MISMATCH',
    ],
    'a layer of another size': [
      {
        layers: [rawTar([{ name: 'a' }])],
        manifest: (value) => ({
          ...value,
          layers: (value['layers'] as object[]).map((layer) => ({ ...layer, size: 7 })),
        }),
      },
      'DIGEST_MISMATCH',
      'MANIFEST_INVALID',
      'REGISTRY_PROTOCOL',
    ],
    'a layer of an unknown kind': [
      {
        layers: [rawTar([{ name: 'a' }])],
        manifest: (value) => ({
          ...value,
          layers: (value['layers'] as object[]).map((layer) => ({ ...layer, mediaType: 'text/html' })),
        }),
      },
      'MANIFEST_INVALID',
      'TAR_INVALID',
      'REGISTRY_UNSUPPORTED',
    ],
    'a config of a terabyte': [
      { manifest: (value) => ({ ...value, config: { ...(value['config'] as object), size: 2 ** 40 } }) },
      'MANIFEST_INVALID',
      'DIGEST_MISMATCH',
      'REGISTRY_PROTOCOL',
    ],
    'a digest that leads out': [
      {
        manifest: (value) => ({
          ...value,
          config: { ...(value['config'] as object), digest: `sha256:../../../${outside}/escaped` },
        }),
      },
      'MANIFEST_INVALID',
      'DIGEST_INVALID',
    ],
  };
  for (const [name, [parts, ...outcomes]] of Object.entries(images)) {
    it(`an image with ${name}`, async () => {
      serveImage(registry, 'odd', parts);
      const got = await outcomeOf(`FROM ${registry.host}/odd:1\nWORKDIR /x\n`);
      assert.ok(outcomes.includes(got), got);
    });
  }

  const evil = 'evil/answers';
  const manifestPath = `/v2/${evil}/manifests/1`;
  const zeros = digestOf('nothing has this digest');
  const endlessConfig = (size: number) => () => {
    const value = { mediaType: mediaTypes.ociConfig, digest: zeros, size };
    serveManifest(
      registry,
      evil,
      config({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: value, layers: [] }),
    );
    registry.set(`/v2/${evil}/blobs/${zeros}`, endless({}));
  };
  const answers: Readonly<Record<string, readonly [() => void, ...Outcome[]]>> = {
    'a manifest of 64 MiB': [
      () => serveManifest(registry, evil, Buffer.alloc(64 << 20, ' ')),
      'MANIFEST_INVALID',
      'REGISTRY_PROTOCOL',
    ],
    'a manifest without an end': [
      () =>
        registry.set(
          manifestPath,
          endless({ 'content-type': mediaTypes.ociManifest, 'docker-content-digest': zeros }),
        ),
      'MANIFEST_INVALID',
      'MANIFEST_NOT_FOUND',
      'REGISTRY_PROTOCOL',
    ],
    'a manifest that is HTML': [
      () => registry.set(manifestPath, Buffer.from('<html>login</html>'), 'text/html'),
      'MANIFEST_INVALID',
      'MANIFEST_NOT_FOUND',
      'REGISTRY_PROTOCOL',
    ],
    'another manifest than it says': [
      () => {
        serveManifest(registry, evil, config({ schemaVersion: 2 }));
        registry.set(manifestPath, (_message, answer) => {
          answer.writeHead(200, {
            'content-type': mediaTypes.ociManifest,
            'docker-content-digest': zeros,
            'content-length': '20',
          });
          answer.end(Buffer.alloc(20, '{'));
        });
        registry.set(`/v2/${evil}/manifests/${zeros}`, Buffer.from('{}'), mediaTypes.ociManifest);
      },
      'DIGEST_MISMATCH',
      'MANIFEST_INVALID',
    ],
    'an index in an index': [
      () => {
        const inner = config({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
        serveManifest(registry, evil, inner, mediaTypes.ociIndex);
        const child = {
          mediaType: mediaTypes.ociIndex,
          digest: digestOf(inner),
          size: inner.length,
          platform,
        };
        const outer = config({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] });
        serveManifest(registry, evil, outer, mediaTypes.ociIndex);
      },
      'MANIFEST_INVALID',
      'PLATFORM_MISSING',
    ],
    'redirects in a circle': [
      () =>
        registry.set(manifestPath, (_message, answer) =>
          answer.writeHead(307, { location: manifestPath }).end(),
        ),
      'REGISTRY_PROTOCOL',
      'REGISTRY_UNREACHABLE',
    ],
    'a redirect to a file': [
      () =>
        registry.set(manifestPath, (_message, answer) =>
          answer.writeHead(307, { location: 'file:///etc/passwd' }).end(),
        ),
      'REGISTRY_PROTOCOL',
      'REGISTRY_UNREACHABLE',
    ],
    'a login that leads to itself': [
      () =>
        registry.set(manifestPath, (_message, answer) =>
          answer
            .writeHead(401, {
              'www-authenticate': `Bearer realm="http://${registry.host}${manifestPath}",service="x"`,
            })
            .end(),
        ),
      'REGISTRY_UNAUTHORIZED',
      'REGISTRY_PROTOCOL',
    ],
    'a login without sense': [
      () =>
        registry.set(manifestPath, (_message, answer) =>
          answer.writeHead(401, { 'www-authenticate': `Bearer ${'realm="'.repeat(2000)}` }).end(),
        ),
      'REGISTRY_UNAUTHORIZED',
      'REGISTRY_PROTOCOL',
    ],
    'an error without an end': [
      () =>
        registry.set(manifestPath, (_message, answer) => {
          answer.writeHead(400);
          const more = (): void => {
            while (answer.writable && answer.write(Buffer.alloc(65_536, 'x')));
          };
          answer.on('drain', more);
          more();
        }),
      'REGISTRY_PROTOCOL',
      'REGISTRY_UNAVAILABLE',
      'REGISTRY_UNREACHABLE',
      'MANIFEST_NOT_FOUND',
    ],
    'a config without an end': [
      endlessConfig(1000),
      'DIGEST_MISMATCH',
      'REGISTRY_PROTOCOL',
      'MANIFEST_INVALID',
    ],
    'a config of a terabyte without an end': [
      endlessConfig(2 ** 40),
      'MANIFEST_INVALID',
      'REGISTRY_PROTOCOL',
    ],
  };
  for (const [name, [prepare, ...outcomes]] of Object.entries(answers)) {
    it(`a registry that answers with ${name}`, async () => {
      prepare();
      const got = await outcomeOf(`FROM ${registry.host}/${evil}:1\nWORKDIR /x\n`);
      assert.ok(outcomes.includes(got), got);
    });
  }

  it('a context with sockets, pipes, circles and links that lead out', async () => {
    const path = contextOf({ file: 'x' });
    execFileSync('mkfifo', [join(path, 'pipe')]);
    symlinkSync('circle', join(path, 'circle'));
    symlinkSync(`${up}etc/passwd`, join(path, 'passwd'));
    symlinkSync(outside, join(path, 'out'));
    symlinkSync('.', join(path, 'self'));
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(path, 'socket'), resolve);
    });
    const context = { type: 'folder', path } as const;
    try {
      for (const [copy, ...outcomes] of [
        ['. /', 'works'],
        ['pipe /x/', 'works', 'CONTEXT_READ', 'SOURCE_NOT_FOUND'],
        ['socket /x/', 'works', 'CONTEXT_READ', 'SOURCE_NOT_FOUND'],
        ['circle /x/', 'SOURCE_NOT_FOUND', 'works', 'CONTEXT_READ'],
        ['circle/deeper /x/', 'SOURCE_NOT_FOUND', 'CONTEXT_READ'],
        ['passwd /x/', 'SOURCE_NOT_FOUND', 'works'],
        ['out/witness /x/', 'SOURCE_NOT_FOUND'],
        [`${'self/'.repeat(300)}file /x/`, 'SOURCE_NOT_FOUND', 'works', 'CONTEXT_READ'],
        [`${up}etc/passwd /x/`, 'SOURCE_NOT_FOUND'],
      ] as const) {
        const got = await outcomeOf(`FROM scratch\nCOPY ${copy}\n`, { context });
        assert.ok((outcomes as readonly string[]).includes(got), `${copy}: ${got}`);
      }
    } finally {
      server.close();
    }
  });

  it('a Dockerfile or an ignore file that is no file', async () => {
    const folder = contextOf({});
    mkdirSync(join(folder, 'Dockerfile'));
    const pipe = contextOf({});
    execFileSync('mkfifo', [join(pipe, 'Dockerfile')]);
    const zero = contextOf({});
    symlinkSync('/dev/zero', join(zero, 'Dockerfile'));
    const ignorePipe = contextOf({ Dockerfile: 'FROM scratch\nCOPY . /\n' });
    execFileSync('mkfifo', [join(ignorePipe, '.dockerignore')]);
    for (const path of [folder, pipe, zero, ignorePipe]) {
      const got = await outcomeOf(undefined, { context: { type: 'folder', path } });
      assert.match(
        got,
        /^(?:DOCKERFILE_NOT_FOUND|DOCKERFILE_PARSE|CONTEXT_READ|FILE_ACCESS|IGNORE_PATTERN)$/,
      );
    }
  });
});

/** Another name than the one that the checksum is of. */
function damaged(tar: Buffer): Buffer {
  const copy = Buffer.from(tar);
  copy.write('b', 0);
  return copy;
}
