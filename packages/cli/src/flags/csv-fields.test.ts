import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { parseCsvFields, splitCsv } from './csv-fields.ts';

test('fields with quotes, commas and empty values', () => {
  assert.deepEqual(splitCsv('type=oci,"dest=a,""b"".tar",x=', '--output'), [
    'type=oci',
    'dest=a,"b".tar',
    'x=',
  ]);
  assert.deepEqual(
    [...parseCsvFields('Type=oci,dest=a=b', '--output')],
    [
      ['type', 'oci'],
      ['dest', 'a=b'],
    ],
  );
  for (const text of ['type', '"type=oci', '"a=b"c', 'a=b,']) {
    assert.throws(
      () => parseCsvFields(text, '--output'),
      (error) => isFault(error, 'USAGE'),
      text,
    );
  }
});

test('whatever is quoted comes back', () => {
  const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      assert.deepEqual(splitCsv(fields.map(quote).join(','), '--x'), fields);
    }),
  );
});
