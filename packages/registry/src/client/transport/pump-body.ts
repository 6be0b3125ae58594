import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { fault } from '@onebuild/core';
import type { HttpBody } from './http-message.ts';
import type { IdleWatch } from './idle-watch.ts';

/**
 * Writes a body as fast as the peer takes it. Stops early when the answer is there or the request is gone; the
 * source's own faults come out as they are.
 *
 * @throws DIGEST_MISMATCH when the source yields another number of bytes than it said
 */
export async function pumpBody(body: HttpBody, outgoing: ClientRequest, watch: IdleWatch): Promise<void> {
  const stop = new AbortController();
  outgoing.once('response', () => stop.abort());
  outgoing.once('close', () => stop.abort());
  try {
    if (await writeAll(body, outgoing, watch, stop.signal)) outgoing.end();
    watch.arm();
  } catch (error) {
    // once the peer has answered or the request is gone, nobody needs the source any more
    if (!stop.signal.aborted) throw error;
  }
}

/** False when it stopped before the end. */
async function writeAll(
  body: HttpBody,
  outgoing: ClientRequest,
  watch: IdleWatch,
  stop: AbortSignal,
): Promise<boolean> {
  let sent = 0;
  for await (const chunk of body.open()) {
    if (stop.aborted) return false;
    sent += chunk.length;
    if (sent > body.length) throw wrongLength(body.length, sent);
    if (outgoing.write(chunk)) continue;
    watch.arm();
    await drained(outgoing, stop);
    watch.disarm();
    if (stop.aborted) return false;
  }
  if (sent !== body.length) throw wrongLength(body.length, sent);
  return true;
}

async function drained(outgoing: ClientRequest, signal: AbortSignal): Promise<void> {
  try {
    await once(outgoing, 'drain', { signal });
  } catch (error) {
    // an answer or the end of the request came first; the request's own error is told by the request
    if (!signal.aborted) throw error;
  }
}

function wrongLength(expected: number, actual: number) {
  const got = actual > expected ? `more than ${expected}` : `only ${actual}`;
  return fault('DIGEST_MISMATCH', `content to send has ${got} bytes, but ${expected} were announced`);
}
