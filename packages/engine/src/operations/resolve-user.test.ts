import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryTree } from '../source/memory-tree.ts';
import { resolveOwner, resolveRunUser } from './resolve-user.ts';

const tree = createMemoryTree([
  {
    path: 'etc/passwd',
    content: Buffer.from(
      'root:x:7:8:::\napp:x:1000:1000::/home/app:\njoe:x:1000:2000::/home/joe:\nsue:x:5:6::/home/sue:\n',
    ),
  },
  { path: 'etc/group', content: Buffer.from('team:x:3000:joe,sue\napp:x:1000:\n') },
]);

describe('who a RUN runs as', () => {
  it('has its own group among the further ones, which a named group leaves out', async () => {
    const sue = await resolveRunUser(tree, 'sue');
    assert.deepEqual(sue, { uid: 5, gid: 6, additionalGids: [6, 3000], home: '/home/sue' });
    assert.deepEqual(await resolveRunUser(tree, 'sue:'), sue);
    assert.deepEqual((await resolveRunUser(tree, 'sue:app')).additionalGids, [1000]);
    assert.deepEqual((await resolveRunUser(tree, '77')).additionalGids, [0]);
  });
  it('has the home of the first line of its number', async () => {
    const joe = await resolveRunUser(tree, 'joe');
    assert.deepEqual(joe, { uid: 1000, gid: 2000, additionalGids: [2000, 3000], home: '/home/app' });
  });
});

describe('who files of --chown belong to', () => {
  const owner = async (user: string, group?: string) => {
    const { uid, gid } = await resolveOwner(tree, user, group);
    return [uid, gid];
  };
  it('a name brings its group, a number is both, a colon at the end means root', async () => {
    assert.deepEqual(await owner('joe'), [1000, 2000]);
    assert.deepEqual(await owner('joe', ''), [1000, 0]);
    assert.deepEqual(await owner('12'), [12, 12]);
    assert.deepEqual(await owner('+12', 'team'), [12, 3000]);
    assert.deepEqual(await owner('', 'team'), [0, 3000]);
  });
  it('root is 0', async () => {
    assert.deepEqual(await owner('root'), [0, 0]);
    assert.deepEqual(await owner('joe', 'root'), [1000, 0]);
  });
});
