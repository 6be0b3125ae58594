import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCatalog } from './error-catalog.ts';
import { fault, isFault, toFault, withFact, withLocation } from './errors.ts';
import { redact, registerSecret } from './redact.ts';

const location = { file: 'Dockerfile', line: 3, column: 5 };

describe('errors', () => {
  it('carry code, kind and remedy of the catalog', () => {
    const error = fault('SOURCE_NOT_FOUND', '/x is not there', { location, details: { path: '/x' } });
    assert.equal(error.kind, 'input');
    assert.equal(error.retryable, false);
    assert.equal(error.hint, errorCatalog.SOURCE_NOT_FOUND.remedy);
    assert.deepEqual(error.location, location);
    assert.ok(isFault(error, 'DISK_FULL', 'SOURCE_NOT_FOUND'));
    assert.ok(!isFault(error, 'DISK_FULL'));
  });

  it('keep everything when a fact is put in front, and a place when they have one', () => {
    const error = fault('DISK_FULL', 'no room', { hint: 'make room', location });
    const more = withFact(withLocation(error, { file: 'other', line: 1 }), 'export');
    assert.equal(more.message, 'export: no room');
    assert.equal(more.hint, 'make room');
    assert.deepEqual(more.location, location);
    assert.deepEqual(withLocation(fault('DISK_FULL', 'x'), location).location, location);
  });

  it('are made of whatever was thrown', () => {
    const errno = (code: string) => Object.assign(new Error('from the system'), { code });
    assert.equal(toFault(errno('ENOSPC')).code, 'DISK_FULL');
    assert.equal(toFault(errno('EACCES')).code, 'FILE_ACCESS');
    assert.equal(toFault(new DOMException('stop', 'AbortError')).code, 'CANCELED');
    assert.equal(toFault('a text').code, 'INTERNAL');
    assert.equal(toFault(undefined).code, 'INTERNAL');
  });

  it('say in words what the system said', () => {
    const error = Object.assign(new Error("EACCES: permission denied, open '/etc/shadow'"), {
      code: 'EACCES',
      path: '/etc/shadow',
    });
    assert.equal(toFault(error).message, '/etc/shadow: permission denied');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    assert.equal(toFault(full).message, 'there is no room left on the disk');
  });

  it('hold no secret, wherever it stood', () => {
    registerSecret('hunter-2-hunter\nsecond-line-of-it');
    const error = fault('STEP_FAILED', 'said hunter-2-hunter', {
      hint: 'try second-line-of-it',
      details: { text: 'x hunter-2-hunter' },
      location: { ...location, snippet: '3 | RUN echo hunter-2-hunter' },
    });
    assert.doesNotMatch(
      JSON.stringify([error.message, error.hint, error.details, error.location]),
      /hunter|second-line/,
    );
  });
});

describe('redact', () => {
  it('takes secrets out in all their forms', () => {
    registerSecret('p@ss word/1');
    for (const form of [
      'p@ss word/1',
      encodeURIComponent('p@ss word/1'),
      Buffer.from('p@ss word/1').toString('base64'),
    ])
      assert.doesNotMatch(redact(`a ${form} b`), /ss|word|cEBzcyB3b3JkLzE/, form);
  });
  it('takes passwords out of addresses', () => {
    assert.equal(
      redact('see https://me:pw@host/x and http://host/y'),
      'see https://me:***@host/x and http://host/y',
    );
  });
  it('leaves short words alone', () => {
    registerSecret('ab');
    assert.equal(redact('cab'), 'cab');
  });
});
