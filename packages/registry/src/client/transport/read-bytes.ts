import { fault } from '@onebuild/core';
import type { HttpAnswer } from './http-message.ts';

/** Milliseconds that an answer of a few megabytes may take; the limit on silence alone would let it drip for days. */
const slowestMs = 300_000;

/**
 * The whole body of an answer.
 * @param limit bytes; more is refused before it is held
 * @throws REGISTRY_PROTOCOL when it is longer, REGISTRY_UNREACHABLE when it breaks off
 */
export async function readBytes(answer: HttpAnswer, limit: number): Promise<Uint8Array> {
  const announced = Number(answer.headers['content-length'] ?? 0);
  if (announced > limit) {
    await answer.discard();
    throw tooLong(answer, limit);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const started = performance.now();
  for await (const chunk of answer.body) {
    if (performance.now() - started > slowestMs) throw tooSlow(answer);
    length += chunk.length;
    if (length > limit) throw tooLong(answer, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLong(answer: HttpAnswer, limit: number) {
  return fault('REGISTRY_PROTOCOL', `${answer.url.host} sent an answer of more than ${limit} bytes`);
}

function tooSlow(answer: HttpAnswer) {
  return fault(
    'REGISTRY_UNREACHABLE',
    `${answer.url.host} takes more than ${slowestMs / 1000} s for one answer`,
  );
}
