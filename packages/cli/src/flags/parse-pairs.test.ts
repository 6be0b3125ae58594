import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseAnnotations, parseBuildArgs, parseHosts, parseLabels } from './parse-pairs.ts';

test('build arguments take their value from the environment where none is written', () => {
  const args = parseBuildArgs(['A=1', 'B', 'C', 'D=', 'E=x=y'], { B: 'env' });
  assert.deepEqual(args, { A: '1', B: 'env', D: '', E: 'x=y' });
});

test('labels', () => {
  assert.deepEqual(parseLabels(['a=1', 'b', 'c=x=y']), { a: '1', b: '', c: 'x=y' });
});

test('annotations: those of manifests count', () => {
  const warnings: string[] = [];
  const texts = [
    'a=1',
    'manifest:b=2',
    'index,manifest:c=3',
    'index:d=4',
    'manifest[linux/amd64]:e=5',
    'org.x/y:z=6',
  ];
  const annotations = parseAnnotations(texts, (message) => warnings.push(message));
  assert.deepEqual(annotations, { a: '1', b: '2', c: '3', e: '5', 'org.x/y:z': '6' });
  assert.equal(warnings.length, 2);
});

test('extra hosts', () => {
  assert.deepEqual(parseHosts(['a:1.2.3.4', 'b=::1', 'c:[::1]', 'd:host-gateway']), [
    ['a', '1.2.3.4'],
    ['b', '::1'],
    ['c', '::1'],
    ['d', '127.0.0.1'],
  ]);
  assert.throws(
    () => parseHosts(['a']),
    (error) => isFault(error, 'USAGE'),
  );
});
