import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { temporaryFolder } from '@onebuild/testkit';
import { CacheDb } from '../store/cache-db.ts';
import { mountFacts, setMountFacts } from './mount-facts.ts';
import {
  beginMountRecord,
  elsewhere,
  keepMountRecord,
  type PlaceSight,
  readMountRecord,
} from './mount-record.ts';

function openDb(t: TestContext): CacheDb {
  const db = new CacheDb(join(temporaryFolder(t), 'cache.db'), Date.now);
  t.after(() => db.close());
  return db;
}

const paths = new Map([['src/a\u00e4\udcff', { content: 'x', time: 7 }]]);
const sight: PlaceSight = { place: 'sha256:ab', origin: '/home/me/app', turn: 1, since: 5, until: 9, paths };

function usedDb(t: TestContext): CacheDb {
  const db = openDb(t);
  beginMountRecord(db, 'm');
  const before = readMountRecord(db, 'm');
  const record = { isComplete: true, last: 9, turn: 1, sights: new Map([[sight.place, sight]]) };
  keepMountRecord(db, 'm', { before, record });
  return db;
}

test('what is known of a mount is known where it comes to, but not whose contexts they were', (t) => {
  const [from, to] = [usedDb(t), openDb(t)];
  setMountFacts(to, 'm', mountFacts(from, 'm'));
  const { isComplete, last, sights } = readMountRecord(to, 'm');
  assert.deepEqual([isComplete, last], [true, 9]);
  assert.deepEqual([...sights.values()], [{ ...sight, origin: elsewhere }]);
  assert.deepEqual(mountFacts(openDb(t), 'm'), []);
});

const packed = (value: unknown) => deflateRawSync(JSON.stringify(value)).toString('base64');
const head = '{"isComplete":true,"last":9,"turn":1,"places":["p"]}';
const hostile: Readonly<Record<string, readonly (readonly [kind: string, key: string, value: string])[]>> = {
  'no head': [],
  'a head that is no JSON': [['seen-by', '', '{']],
  'a head that is nothing': [['seen-by', '', 'null']],
  'a head of wrong fields': [['seen-by', '', '{"isComplete":true,"last":"9","turn":1,"places":[]}']],
  'a head of many places': [['seen-by', '', head.replace('"p"', Array(99).fill('"p"').join())]],
  'a head whose places are missing': [['seen-by', '', head]],
  'a sight that is no archive': [
    ['seen-by', '', head],
    ['seen', 'p', '!!!'],
  ],
  'a sight of wrong columns': [
    ['seen-by', '', head],
    ['seen', 'p', packed(['o', 1, 1, 1, ['a'], ['x'], ['1']])],
  ],
  'a sight of other lengths': [
    ['seen-by', '', head],
    ['seen', 'p', packed(['o', 1, 1, 1, ['a'], ['x'], []])],
  ],
  'a sight that unpacks to more than anybody has': [
    ['seen-by', '', head],
    ['seen', 'p', deflateRawSync(Buffer.alloc((256 << 20) + 1)).toString('base64')],
  ],
  'facts of other kinds and places': [
    ['exported', 'p', 'x'],
    ['seen', '../other', 'x'],
  ],
};

for (const [name, facts] of Object.entries(hostile)) {
  test(`nothing is known of a mount that came with ${name}`, (t) => {
    const db = usedDb(t);
    setMountFacts(db, 'm', facts);
    const { isComplete, sights } = readMountRecord(db, 'm');
    assert.deepEqual([isComplete, sights.size], [false, 0]);
    assert.equal(db.fact('exported', 'm/p'), undefined);
  });
}
