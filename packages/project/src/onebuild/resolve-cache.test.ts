import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnebuildFile } from './read-onebuild-file.ts';

/** The flags of the last target of a component with these settings. */
function flags(cache: string, settings = 'images: "main/web:1"') {
  const text = `
registries: { main: { host: r.io } }
components: { web: { ${settings}, cache: ${cache} } }`;
  const project = readOnebuildFile({ name: 'onebuild.yaml', text }, { env: { KEYS: 'keys' } });
  const { cacheFrom = [], cacheTo = [] } = project.targets.at(-1) ?? {};
  return { from: cacheFrom, to: cacheTo };
}

test('what is written is read, wherever it lies', () => {
  const beside = 'type=registry,ref=r.io/web:onebuild-cache';
  assert.deepEqual(flags('{ to: registry }'), { from: [beside], to: [`${beside},mode=max`] });
  assert.deepEqual(flags('{ to: type=registry, mode: min }'), { from: [beside], to: [`${beside},mode=min`] });
  assert.deepEqual(flags('{ to: [./cache, main/c:x] }'), {
    from: ['type=local,src=./cache', 'type=registry,ref=r.io/c:x'],
    to: ['type=local,dest=./cache,mode=max', 'type=registry,ref=r.io/c:x,mode=max'],
  });
  assert.deepEqual(flags('{ to: "type=local,dest=c,tag=t,mode=min,ignore-error=false" }'), {
    from: ['type=local,src=c,tag=t'],
    to: ['type=local,dest=c,tag=t,mode=min,ignore-error=false'],
  });
});

test('from alone, or something else than to', () => {
  assert.deepEqual(flags('{ from: [registry, /c] }'), {
    from: ['type=registry,ref=r.io/web:onebuild-cache', 'type=local,src=/c'],
    to: [],
  });
  assert.deepEqual(flags('{ from: [], to: main/c:x }'), {
    from: [],
    to: ['type=registry,ref=r.io/c:x,mode=max'],
  });
});

test('limits, mounts and keys become fields', () => {
  assert.deepEqual(
    flags(
      '{ to: registry, mounts: true, mounts-size: 2GB, max-size: 20GB, max-age: 14d, sign: "${env.KEYS}/a,b.pem", verify: [a.pub, b.pub] }',
    ),
    {
      from: ['type=registry,ref=r.io/web:onebuild-cache,verify=a.pub:b.pub'],
      to: [
        'type=registry,ref=r.io/web:onebuild-cache,mode=max,mounts=true,mounts-size=2GB,max-size=20GB,max-age=14d,"sign=keys/a,b.pem"',
      ],
    },
  );
  assert.deepEqual(flags('{ to: main/c:x, mounts: false }'), {
    from: ['type=registry,ref=r.io/c:x,mounts=false'],
    to: ['type=registry,ref=r.io/c:x,mode=max,mounts=false'],
  });
});

test('variants share one cache, beside the first image of the first of them', () => {
  const settings = 'images: "main/web-${variant}:1", variants: { a: , b: }';
  assert.deepEqual(flags('{ to: registry }', settings).to, [
    'type=registry,ref=r.io/web-a:onebuild-cache,mode=max',
  ]);
});
