import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversScopes, formatScope, mergeScopes, splitScopes } from './scope.ts';

test('scopes are written sorted, and merged per repository', () => {
  assert.equal(formatScope({ repository: 'a/b', actions: ['push', 'pull'] }), 'repository:a/b:pull,push');
  assert.deepEqual(mergeScopes(['repository:b:pull', 'repository:a:push'], ['repository:a:pull', 'odd']), [
    'odd',
    'repository:a:pull,push',
    'repository:b:pull',
  ]);
});

test('more rights cover fewer', () => {
  const held = ['repository:a:pull,push', 'repository:b:pull'];
  assert.ok(coversScopes(held, []));
  assert.ok(coversScopes(held, ['repository:a:pull']));
  assert.ok(coversScopes(held, ['repository:b:pull', 'repository:a:push']));
  assert.ok(!coversScopes(held, ['repository:b:push']));
  assert.ok(!coversScopes(held, ['repository:c:pull']));
});

test('scopes of a challenge are taken apart, absurd ones left', () => {
  assert.deepEqual(splitScopes('repository:a:pull  repository:b:pull'), [
    'repository:a:pull',
    'repository:b:pull',
  ]);
  assert.deepEqual(splitScopes(undefined), []);
  assert.deepEqual(splitScopes('x '.repeat(17)), []);
  assert.deepEqual(splitScopes('x'.repeat(5000)), []);
});
