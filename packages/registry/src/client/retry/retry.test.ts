import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '@onebuild/core';
import fc from 'fast-check';
import { createRetry, type RetryPolicy, sleep } from './retry.ts';
import { retryAfterMs } from './retry-after.ts';

function newRetry(policy: Partial<RetryPolicy> = {}) {
  const pauses: number[] = [];
  const retry = createRetry({
    attempts: 4,
    baseDelayMs: 100,
    maxDelayMs: 1000,
    maxRetryAfterMs: 60_000,
    random: () => 0.999,
    sleep: (ms) => Promise.resolve(void pauses.push(ms)),
    ...policy,
  });
  return { retry, pauses };
}

const unavailable = (details = {}) => fault('REGISTRY_UNAVAILABLE', 'x', { details });

test('what helps after a while is tried until it does', async () => {
  const { retry, pauses } = newRetry();
  let tries = 0;
  const result = await retry(
    () => (++tries < 4 ? Promise.reject(unavailable()) : Promise.resolve('ok')),
    undefined,
  );
  assert.equal(result, 'ok');
  assert.deepEqual(pauses, [99, 199, 399]);
});

test('the last fault comes out when the tries are spent', async () => {
  const { retry, pauses } = newRetry();
  await assert.rejects(
    retry(() => Promise.reject(unavailable()), undefined),
    { code: 'REGISTRY_UNAVAILABLE' },
  );
  assert.equal(pauses.length, 3);
});

test('what cannot help is not tried again', async () => {
  const faults = [
    fault('REGISTRY_DENIED', 'x'),
    fault('MANIFEST_NOT_FOUND', 'x'),
    fault('CANCELED', 'x'),
    fault('REGISTRY_UNREACHABLE', 'x', { details: { reason: 'ENOTFOUND' } }),
    unavailable({ retryAfterMs: 60_001 }),
    new TypeError('a defect'),
  ];
  for (const error of faults) {
    const { retry, pauses } = newRetry();
    await assert.rejects(
      retry(() => Promise.reject(error), undefined),
      error,
    );
    assert.equal(pauses.length, 0);
  }
});

test('what the registry asks for is the least', async () => {
  const { retry, pauses } = newRetry({ attempts: 2 });
  await assert.rejects(retry(() => Promise.reject(unavailable({ retryAfterMs: 7000 })), undefined));
  assert.deepEqual(pauses, [7000]);
});

test('pauses lie between nothing and their bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      async (r, attempts) => {
        const { retry, pauses } = newRetry({ attempts, random: () => r });
        await assert.rejects(retry(() => Promise.reject(unavailable()), undefined));
        assert.equal(pauses.length, attempts - 1);
        pauses.forEach((pause, i) => assert.ok(pause >= 0 && pause <= Math.min(1000, 100 * 2 ** i)));
      },
    ),
  );
});

test('a pause ends with its signal', async () => {
  const stop = new AbortController();
  const pausing = sleep(60_000, stop.signal);
  stop.abort();
  await assert.rejects(pausing, { code: 'CANCELED' });
});

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2025-01-01T00:00:00Z');
  assert.equal(retryAfterMs('3', now), 3000);
  assert.equal(retryAfterMs('Wed, 01 Jan 2025 00:00:10 GMT', now), 10_000);
  assert.equal(retryAfterMs('Wed, 01 Jan 2020 00:00:00 GMT', now), 0);
  for (const text of [undefined, '', '-1', 'soon', '1e9', '9'.repeat(100)])
    assert.equal(retryAfterMs(text, now), undefined);
});
