import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { familiarReference, formatReference, parseReference } from './reference.ts';

const sha = `sha256:${'a1'.repeat(32)}`;

const valid: readonly (readonly [text: string, full: string, familiar: string])[] = [
  ['debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['debian:12', 'docker.io/library/debian:12', 'debian:12'],
  ['user/app', 'docker.io/user/app:latest', 'user/app:latest'],
  ['docker.io/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['index.docker.io/library/debian:1', 'docker.io/library/debian:1', 'debian:1'],
  ['index.docker.io/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['library/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
  ['localhost:5000/app:v1', 'localhost:5000/app:v1', 'localhost:5000/app:v1'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['host:5000/a/b/c', 'host:5000/a/b/c:latest', 'host:5000/a/b/c:latest'],
  ['Host/app', 'Host/app:latest', 'Host/app:latest'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000/app:latest', '127.0.0.1:5000/app:latest'],
  ['[fd00::1]:5000/app', '[fd00::1]:5000/app:latest', '[fd00::1]:5000/app:latest'],
  ['[::1]/app', '[::1]/app:latest', '[::1]/app:latest'],
  [`debian@${sha}`, `docker.io/library/debian@${sha}`, `debian@${sha}`],
  [`debian:12@${sha}`, `docker.io/library/debian:12@${sha}`, `debian:12@${sha}`],
  ['a.b/c__d.e-f---g:_T.a-g', 'a.b/c__d.e-f---g:_T.a-g', 'a.b/c__d.e-f---g:_T.a-g'],
  ['docker.io/a.b/c', 'docker.io/a.b/c:latest', 'docker.io/a.b/c:latest'],
  ['docker.io/localhost/c', 'docker.io/localhost/c:latest', 'docker.io/localhost/c:latest'],
];

test('references are read as Docker reads them, and shown in both forms', () => {
  for (const [text, full, familiar] of valid) {
    const reference = parseReference(text);
    assert.equal(formatReference(reference), full, text);
    assert.equal(familiarReference(reference), familiar, text);
    assert.deepEqual(parseReference(familiarReference(reference)), reference, text);
    assert.deepEqual(parseReference(full), reference, text);
  }
});

test('what is no reference is refused, with the reason', () => {
  const refused: readonly (readonly [text: string, why: RegExp])[] = [
    ['', /empty/],
    ['Debian', /capital letters/],
    ['docker.io/Library/debian', /capital letters/],
    ['https://docker.io/debian', /like a URL/],
    [`debian@sha256:abc`, /not a digest/],
    ['debian:', /not a tag/],
    ['debian:-1', /not a tag/],
    [`debian:${'a'.repeat(129)}`, /not a tag/],
    ['/debian', /not a repository/],
    ['debian/', /not a repository/],
    ['a//b', /not a repository/],
    ['a..b', /not a repository/],
    ['a___b', /not a repository/],
    ['-a', /not a repository/],
    ['host:99999/app', /not a registry/],
    ['-host.com/app', /not a registry/],
    ['host..com/app', /not a registry/],
    [`a/${'b'.repeat(260)}`, /longer than 255/],
    ['a'.repeat(2000), /longer than 1024/],
    ['a1'.repeat(32), /image ID/],
    ['a b', /not a repository/],
    ['a\n', /not a repository/],
  ];
  for (const [text, why] of refused) {
    assert.throws(
      () => parseReference(text),
      (error) => isFault(error, 'REFERENCE_INVALID') && why.test(error.message),
      JSON.stringify(text),
    );
  }
  assert.throws(
    () => parseReference('MyApp:1'),
    (error) => isFault(error) && error.hint.includes('`myapp`'),
  );
});

test('any text is either refused or comes back the same from both forms', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9._:-]{1,8}$/);
  const text = fc.tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom('', ':1', `@${sha}`));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        text.map(([parts, end]) => parts.join('/') + end),
      ),
      (written) => {
        try {
          const reference = parseReference(written);
          assert.deepEqual(parseReference(formatReference(reference)), reference);
          assert.deepEqual(parseReference(familiarReference(reference)), reference);
        } catch (error) {
          assert.ok(isFault(error, 'REFERENCE_INVALID'), String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});
