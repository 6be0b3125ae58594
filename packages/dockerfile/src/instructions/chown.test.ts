import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChown } from './chown.ts';

test('user and group', () => {
  assert.deepEqual(parseChown('a'), { user: 'a' });
  assert.deepEqual(parseChown('a:b'), { user: 'a', group: 'b' });
  assert.deepEqual(parseChown('1:'), { user: '1', group: '' });
  assert.deepEqual(parseChown(':b'), { user: '', group: 'b' });
});
