import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packDevice, unpackDevice } from './device-number.ts';

test('known numbers', () => {
  assert.equal(packDevice(1, 3), 0x103);
  assert.deepEqual(unpackDevice(0x103), [1, 3]);
  assert.equal(packDevice(8, 0x12345), 0x12300845);
});

test('what is packed comes out', () => {
  fc.assert(
    fc.property(fc.nat(0xfff), fc.nat(0xfffff), (major, minor) => {
      assert.deepEqual(unpackDevice(packDevice(major, minor)), [major, minor]);
    }),
  );
});
