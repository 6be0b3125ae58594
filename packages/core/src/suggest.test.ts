import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest } from './suggest.ts';

const words = ['RUN', 'ENV', 'ENTRYPOINT', 'WORKDIR', 'COPY'];

test('the closest word, when it is close', () => {
  assert.equal(suggest('RNU', words), 'RUN');
  assert.equal(suggest('entrypont', words), 'ENTRYPOINT');
  assert.equal(suggest('WROKDIR', words), 'WORKDIR');
  assert.equal(suggest('FETCH', words), undefined);
  assert.equal(suggest('', words), undefined);
  assert.equal(suggest('b', ['a']), undefined);
});
