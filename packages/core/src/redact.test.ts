import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact, redactUrls, registerSecret } from './redact.ts';

test('a secret goes in all its forms', () => {
  const secret = 'first line of it/+\nsecond line & more';
  registerSecret(secret);
  for (const form of [
    secret,
    'first line of it/+',
    encodeURIComponent('second line & more'),
    Buffer.from(secret).toString('base64'),
    Buffer.from('second line & more').toString('base64'),
  ]) {
    assert.equal(redact(`a ${form} b`), 'a *** b');
  }
  assert.match(redact(Buffer.from(`${secret}\n`).toString('base64')), /^\*\*\*.{0,8}$/);
});

test('base64 of a long secret goes line by line', () => {
  const secret = Array.from({ length: 300 }, (_, at) => String.fromCharCode(97 + ((at * 7) % 26))).join('');
  registerSecret(secret);
  const lines =
    Buffer.from(secret)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  assert.equal(lines.length, 6);
  for (const line of lines) assert.match(redact(line), /^\*\*\*.{0,4}$/);
});

test('a secret that begins with another one leaves nothing behind', () => {
  registerSecret('hunter');
  registerSecret('hunter-and-more');
  assert.equal(redact('x hunter-and-more, hunter'), 'x ***, ***');
});

test('short values stay, and passwords of URLs go without being registered', () => {
  registerSecret('abc');
  assert.equal(
    redact('abc http://me:pass@host/ http://host:80/@x'),
    'abc http://me:***@host/ http://host:80/@x',
  );
});

test('what addresses carry for the server alone goes, whatever is registered', () => {
  for (const [text, clean] of [
    ['ADD https://ghp_abc@host/x /', 'ADD https://***@host/x /'],
    ['https://host/x?X-Amz-Signature=abc&part=1', 'https://host/x?X-Amz-Signature=***&part=1'],
    ['https://host/x?a=1&access_token=abc#f', 'https://host/x?a=1&access_token=***#f'],
    ['https://host/x?sig=a%2Fb, next', 'https://host/x?sig=*** next'],
    ['https://host/x?tokens=3&design=4', 'https://host/x?tokens=3&design=4'],
    ['git@host:a/b, ssh://git@host/c, ?token=x', 'git@host:a/b, ssh://git@host/c, ?token=***'],
    ['no address: user:pass@host?token=x', 'no address: user:pass@host?token=x'],
  ] as const) {
    assert.equal(redactUrls(text), clean);
  }
});
