import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSingleFlight } from './single-flight.ts';

test('calls at the same time share one piece of work, later ones start another', async () => {
  const share = createSingleFlight<number>();
  let works = 0;
  const work = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return ++works;
  };
  assert.deepEqual(await Promise.all([share('a', undefined, work), share('a', undefined, work)]), [1, 1]);
  assert.equal(await share('a', undefined, work), 2);
  assert.deepEqual(await Promise.all([share('a', undefined, work), share('b', undefined, work)]), [3, 4]);
});

test('a fault reaches everybody and is not kept', async () => {
  const share = createSingleFlight<number>();
  const failing = () => Promise.reject(new Error('no'));
  const stop = new AbortController();
  const results = await Promise.allSettled([
    share('a', undefined, failing),
    share('a', stop.signal, failing),
  ]);
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.equal(await share('a', undefined, () => Promise.resolve(1)), 1);
});

test('who leaves does not take the others along; the last one ends the work', async () => {
  const share = createSingleFlight<string>();
  const [first, second] = [new AbortController(), new AbortController()];
  let ended = false;
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended = true;
        reject(new Error('ended'));
      });
      setTimeout(() => resolve('done'), 20);
    });
  const a = share('a', first.signal, work);
  const b = share('a', second.signal, work);
  first.abort();
  await assert.rejects(a, { code: 'CANCELED' });
  assert.equal(ended, false);
  assert.equal(await b, 'done');

  const third = new AbortController();
  const c = share('a', third.signal, work);
  third.abort();
  await assert.rejects(c, { code: 'CANCELED' });
  assert.equal(ended, true);
  await assert.rejects(share('a', third.signal, work), { code: 'CANCELED' });
});
